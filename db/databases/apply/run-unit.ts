import type { Actor } from "../../actor.ts";
import { inDatabase } from "../../fleet.ts";
import { patiently } from "../../managed/patiently.ts";
import { limits } from "../../transaction.ts";
import type { PlanUnit } from "../plan/statements.ts";

/** Runs one unit of a plan in one transaction, again and again while somebody else holds its locks. */
export function runUnit(actor: Actor, databaseId: string, unit: PlanUnit, signal?: AbortSignal): Promise<void> {
  return patiently(unit.name, (lockTimeoutMs) => attempt(actor, databaseId, unit, lockTimeoutMs), signal);
}

async function attempt(actor: Actor, databaseId: string, unit: PlanUnit, lockTimeoutMs: number): Promise<void> {
  await inDatabase(
    actor,
    databaseId,
    async (client) => {
      await client.query("SELECT set_config('lock_timeout', $1, true)", [String(lockTimeoutMs)]);
      for (const statement of unit.statements) await client.query(statement.sql);
    },
    { limits: limits.long },
  );
}
