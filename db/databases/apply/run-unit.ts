import { setTimeout as wait } from "node:timers/promises";
import type { Actor } from "../../actor.ts";
import { Refusal } from "../../errors.ts";
import { inDatabase } from "../../fleet.ts";
import { limits } from "../../transaction.ts";
import type { PlanUnit } from "../plan/statements.ts";

// A lock request that waits makes everybody behind it wait too, so each attempt gives up soon, and longer ones come later.
const lockTimeoutsMs = [50, 50, 100, 100, 200, 200, 400, 400, 800, 800, 1_600, 2_000, 2_000, 2_000];
const busy = new Set(["55P03", "40P01"]); // lock_not_available, deadlock_detected

/** Runs one unit of a plan in one transaction, again and again while somebody else holds its locks. */
export async function runUnit(actor: Actor, databaseId: string, unit: PlanUnit, signal?: AbortSignal): Promise<void> {
  for (const lockTimeoutMs of lockTimeoutsMs) {
    signal?.throwIfAborted();
    try {
      return await attempt(actor, databaseId, unit, lockTimeoutMs);
    } catch (error) {
      if (!isBusy(error)) throw error;
    }
    await wait(lockTimeoutMs + Math.random() * 200, undefined, { signal });
  }
  throw new Refusal("timeout", `Something holds a lock that ${unit.name} needs, and did not let go.`, {
    fix: "Look for long transactions under Performance, then continue: what is done stays done.",
  });
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

function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && busy.has(error.code);
}
