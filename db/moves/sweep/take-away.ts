import pg from "pg";
import type { Actor } from "../../actor.ts";
import { recordEvent } from "../../audit/record-event.ts";
import { controlPool, inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { inDatabase, withDatabase } from "../../fleet.ts";
import { closePool } from "../../fleet-pools.ts";
import { patiently } from "../../managed/patiently.ts";
import { limits } from "../../transaction.ts";
import { noteEvent } from "../move.ts";
import { onServer } from "../plan/server.ts";
import { findRecords } from "./books.ts";
import type { Leftover } from "./contract.ts";
import { everyPlace, findAgain, type Place } from "./find.ts";
import { strikeOut } from "./strike-out.ts";

/**
 * Removes one leftover that was agreed to, if it is still that. Its tenant is locked in the console's books meanwhile, so that no
 * move of it begins. Answers what became of it. Doing it again changes nothing.
 *
 * @throws Refusal `stale_plan` when it is not what was shown any more, `timeout` when somebody uses it.
 */
export async function takeAway(actor: Actor, agreed: Leftover, reason: string, signal: AbortSignal): Promise<string> {
  return await inControl(
    actor,
    async (_tx, control) => {
      if (agreed.tenant) await control.query("SELECT FROM tenants WHERE id = $1 FOR UPDATE", [agreed.tenant.id]);
      const gone = await removed(control, actor, agreed, reason, signal);
      if (!gone) return "It was gone already.";
      await strikeOut(control, agreed);
      await recordEvent(control, eventOf(agreed));
      if (agreed.moveId)
        await noteEvent(control, actor, agreed.moveId, "swept", `Leftovers at ${agreed.databaseName} were removed.`);
      return `Removed: ${agreed.parts.join(", ")}`;
    },
    { reason, limits: limits.long },
  );
}

async function removed(
  control: pg.PoolClient,
  actor: Actor,
  agreed: Leftover,
  reason: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (agreed.kind === "record") {
    const now = (await findRecords(() => null)).find(({ id }) => id === agreed.id);
    if (!now) return false;
    requireSame(now, agreed);
    for (const { sql } of now.statements) await control.query(sql);
    return true;
  }
  const place = (await everyPlace()).find(({ databaseId }) => databaseId === agreed.databaseId);
  if (!place) throw new Refusal("not_found", `${agreed.databaseName} is not of the fleet any more.`);
  if (agreed.kind === "database") return dropDatabase(place, agreed);
  let found = false;
  for (const batch of Map.groupBy(agreed.statements, ({ object }) => object).values()) {
    const sqls = batch.map(({ sql }) => sql);
    found = (await runBatch(actor, place, agreed, sqls, reason, signal)) || found;
  }
  return found;
}

/** One object's statements in one transaction, in which it was found again as it was shown. Others wait for it only briefly. */
async function runBatch(
  actor: Actor,
  place: Place,
  agreed: Leftover,
  batch: readonly string[],
  reason: string,
  signal: AbortSignal,
): Promise<boolean> {
  const attempt = (lockMs: number) =>
    inDatabase(
      actor,
      place.databaseId,
      async (client) => {
        const now = await findAgain(client, place, agreed);
        if (!now) return false;
        requireSame(now, agreed);
        const left = now.statements.filter(({ sql }) => batch.includes(sql));
        for (const { sql } of left) await client.query(sql);
        if (left.length > 0) await recordEvent(client, eventOf(agreed));
        return left.length > 0;
      },
      { reason, limits: { ...limits.long, lock: lockMs } },
    );
  return patiently(agreed.name, attempt, signal);
}

/** Refused by PostgreSQL while anybody is connected, whoever came after the last look. */
async function dropDatabase(place: Place, agreed: Leftover): Promise<boolean> {
  const look = (client: pg.ClientBase) => findAgain(client, place, agreed);
  const now = place.adopted
    ? await withDatabase(place.databaseId, look, { limits: limits.long })
    : await onServer(place.serverId, look);
  if (!now) return false;
  requireSame(now, agreed);
  await closePoolsOf(agreed.name);
  await onServer(place.serverId, async (client) => {
    for (const { sql } of now.statements) await client.query(sql).catch(inUse(agreed.name));
  });
  return true;
}

/** This process's own connections; those of others end when they are idle. */
async function closePoolsOf(name: string): Promise<void> {
  const { rows } = await controlPool().query<{ id: string }>("SELECT id FROM databases WHERE name = $1", [name]);
  for (const { id } of rows) await closePool(id);
}

function inUse(name: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof pg.DatabaseError) || error.code !== "55006") throw error;
    throw new Refusal("timeout", `Somebody is connected to ${name}.`, {
      fix: "Find out who it is under Performance; then look again.",
      cause: error,
    });
  };
}

/** Less than was shown is the same: an earlier attempt was cut off. More is not. */
function requireSame(now: Leftover, agreed: Leftover): void {
  if (!now.certain) throw new Refusal("stale_plan", `It is not certain any more that nobody needs it. ${now.why}`);
  const more = now.parts.filter((part) => !agreed.parts.includes(part));
  const unseen = now.statements.filter(({ sql }) => !agreed.statements.some((one) => one.sql === sql));
  if (more.length === 0 && unseen.length === 0) return;
  throw new Refusal("stale_plan", `It has changed since it was shown: ${more.join(", ") || unseen[0]?.object}.`, {
    fix: "Nothing of that was removed. Look at the leftovers as they are now.",
  });
}

function eventOf({ kind, name, tenant, moveId, parts, rows }: Leftover) {
  return {
    action: "sweep",
    resourceType: kind,
    resourceId: name,
    metadata: { moveId, tenantId: tenant?.id ?? null, parts, rows },
  };
}
