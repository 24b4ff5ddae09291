import { and, inArray, isNotNull } from "drizzle-orm";
import type pg from "pg";
import type { Actor } from "../actor.ts";
import { holdsFor } from "../audit/retention/holds.ts";
import { control } from "../control.ts";
import { Refusal } from "../errors.ts";
import { consoleDatabase, inDatabase, withDatabase } from "../fleet.ts";
import type { Hold, HoldableTable, HoldRule } from "../managed/holds/rule.ts";
import { brokenGuards, knowsHolds, standingGuards, standingHolds } from "../managed/holds/standing.ts";
import { holdUnits } from "../managed/holds/statements.ts";
import { patiently } from "../managed/patiently.ts";
import type { Statement } from "../managed/statement.ts";
import { legalHolds } from "../schema/retention.ts";
import { limits } from "../transaction.ts";
import { together } from "./person.ts";
import { renewRules } from "./renew.ts";
import { requireSight } from "./sight.ts";
import { holdableTables, type Model, modelOf, schemasAbout } from "./tables.ts";

/**
 * Brings the holds that stand in one database in step with those that were placed and released: first which they are, then table
 * by table the triggers that keep their rows, each in a transaction of its own that waits 50 ms for its lock and tries again. Only
 * then a hold is in force. May be cut off anywhere and run again.
 */
export async function enforceHolds(
  actor: Actor,
  databaseId: string,
  signal?: AbortSignal,
): Promise<{ tables: number }> {
  if (databaseId === consoleDatabase) return { tables: 0 };
  const model = await modelOf(databaseId);
  const placed = await renewRules(actor, databaseId, model, await holdsFor(databaseId));
  const look = await withDatabase(databaseId, (client) => lookAt(client, model, placed), { limits: limits.long });
  if (look === "in step") return { tables: 0 };
  const standing = await inDatabase(actor, databaseId, (client) => bringHolds(client, placed));
  const due = await withDatabase(databaseId, (client) => dueUnits(client, model), { limits: limits.long });
  for (const { name } of due) {
    await patiently(
      `the hold on ${name}`,
      (lockTimeoutMs) => inDatabase(actor, databaseId, (client) => guard(client, databaseId, name, lockTimeoutMs)),
      signal,
    );
  }
  await inDatabase(actor, databaseId, (client) =>
    client.query(
      "UPDATE caretaker.holds SET in_force_at = clock_timestamp() WHERE in_force_at IS NULL AND id = ANY ($1::uuid[])",
      [standing],
    ),
  );
  return { tables: due.length };
}

type Placed = Awaited<ReturnType<typeof holdsFor>>;

async function lookAt(client: pg.ClientBase, model: Model, placed: Placed): Promise<"in step" | "due"> {
  if (!(await knowsHolds(client))) {
    if (placed.length === 0) return "in step";
    throw new Refusal("unsupported", "What is installed in this database is older than holds are.", {
      fix: "Open it under Databases, look at the plan and apply it: then the hold comes to stand by itself.",
    });
  }
  const standing = await standingHolds(client);
  const guards = await standingGuards(client);
  if (placed.length + standing.length + guards.size === 0) return "in step";
  const here = new Map(standing.filter(({ inForceAt }) => inForceAt !== null).map(({ id, rules }) => [id, rules]));
  const known = new Set(placed.map(({ id }) => id));
  if (placed.some(({ id, rules }) => lacks(here.get(id), rules))) return "due";
  if ((await releasedAmong([...here.keys()].filter((id) => !known.has(id)))).length > 0) return "due";
  return (await dueUnits(client, model)).length === 0 ? "in step" : "due";
}

function lacks(standing: readonly HoldRule[] | undefined, placed: readonly HoldRule[]): boolean {
  return standing === undefined || together(standing, placed).length > together(standing, []).length;
}

/** Enters what was placed or grew, takes out what was released. A hold that grew is in force once its new tables are. Answers the ids that stand now. */
async function bringHolds(client: pg.ClientBase, placed: Placed): Promise<string[]> {
  await lockHolds(client);
  const standing = await standingHolds(client);
  const known = new Set(placed.map(({ id }) => id));
  const lifted = await releasedAmong(standing.map(({ id }) => id).filter((id) => !known.has(id)));
  if (lifted.length > 0) await client.query("DELETE FROM caretaker.holds WHERE id = ANY ($1::uuid[])", [lifted]);
  await client.query(
    `INSERT INTO caretaker.holds AS h (id, name, rules, placed_by, placed_at)
     SELECT id, name, rules, "placedBy", "placedAt"
       FROM jsonb_to_recordset($1) AS placed (id uuid, name text, rules jsonb, "placedBy" text, "placedAt" timestamptz)
         ON CONFLICT (id) DO UPDATE SET in_force_at = NULL,
            rules = (SELECT jsonb_agg(DISTINCT rule) FROM jsonb_array_elements(h.rules || excluded.rules) AS rule)
      WHERE EXISTS (SELECT FROM jsonb_array_elements(excluded.rules) AS rule
                     WHERE rule NOT IN (SELECT jsonb_array_elements(h.rules)))`,
    [JSON.stringify(placed)],
  );
  return (await standingHolds(client)).map(({ id }) => id);
}

/** Only what was released is taken out: a hold that this console does not know of stands. */
async function releasedAmong(ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await control()
    .select({ id: legalHolds.id })
    .from(legalHolds)
    .where(and(inArray(legalHolds.id, [...ids]), isNotNull(legalHolds.releasedAt)));
  return rows.map(({ id }) => id);
}

async function dueUnits(client: pg.ClientBase, model: Model): Promise<{ name: string; statements: Statement[] }[]> {
  const holds = await standingHolds(client);
  return unitsNow(client, holds, await tablesFor(client, model, holds));
}

function tablesFor(client: pg.ClientBase, model: Model, holds: readonly Hold[]): Promise<HoldableTable[]> {
  return holdableTables(
    client,
    model,
    schemasAbout(
      model,
      holds.flatMap((hold) => hold.rules),
    ),
  );
}

/** One table, by the holds and the model that stand when its turn comes. */
async function guard(client: pg.ClientBase, databaseId: string, name: string, lockTimeoutMs: number): Promise<void> {
  await lockHolds(client);
  const model = await modelOf(databaseId);
  const holds = await standingHolds(client);
  const tables = await tablesFor(client, model, holds);
  await requireSight(client, holds, tables);
  const unit = (await unitsNow(client, holds, tables)).find((one) => one.name === name);
  await client.query("SELECT set_config('lock_timeout', $1, true)", [String(lockTimeoutMs)]);
  for (const statement of unit?.statements ?? []) await client.query(statement.sql);
}

async function unitsNow(
  client: pg.ClientBase,
  holds: readonly Hold[],
  tables: readonly HoldableTable[],
): Promise<{ name: string; statements: Statement[] }[]> {
  return holdUnits(holds, tables, await standingGuards(client), await brokenGuards(client));
}

function lockHolds(client: pg.ClientBase): Promise<unknown> {
  return client.query("SELECT pg_advisory_xact_lock(hashtext('caretaker.holds'))");
}
