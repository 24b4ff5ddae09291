import type pg from "pg";
import type { Actor } from "../../../actor.ts";
import { Refusal } from "../../../errors.ts";
import { inDatabase } from "../../../fleet.ts";
import { holdOf } from "../../../managed/holds/refuse.ts";
import { tenantSql } from "../../../managed/holds/rule.ts";
import { standingHolds } from "../../../managed/holds/standing.ts";
import { quoteTable } from "../../../managed/row-key.ts";
import { relation } from "../../../managed/statement.ts";
import type { Removed } from "../../../schema/purges.ts";
import { dueSql } from "./due.ts";
import { blockedSql, joinsOf } from "./reach.ts";
import type { Scope } from "./scope.ts";

/** A table, or the partition of it, whose rows a batch removes. */
export interface Part {
  schema: string;
  name: string;
}

const batchLimits = { statement: 20_000, lock: 50, idle: 10_000 };

/** After this long a batch of several rows is given up, so that nobody waits longer for one of its rows. */
const lockedMsMax = 80;

/** The batch was given up because it took too long; fewer rows at once may not. */
export class TooLong extends Error {}

/**
 * Removes rows in one transaction, its receipt with them. Rows that the application has locked are left for another time; the
 * others are locked first, with what goes along, and then looked at again: from here on nothing can come to hang from them, so
 * that the removal reaches no row that was not looked at. `holds` are those that must stand here before anything goes.
 *
 * @throws Refusal `conflict` when a hold that was placed does not stand in this database yet.
 */
export async function removeBatch(
  actor: Actor,
  databaseId: string,
  batch: {
    id: string;
    table: Scope["tables"][number];
    part: Part;
    places: readonly string[];
    holds: readonly string[];
  },
): Promise<{ removed: Removed[]; lockedMs: number }> {
  let lockedAt = performance.now();
  const work = async (client: pg.PoolClient) => {
    await client.query("INSERT INTO caretaker.purged_batches (id) VALUES ($1)", [batch.id]);
    lockedAt = performance.now();
    const removed = await remove(batch.places.length > 1 ? await timed(client) : client, batch);
    await client.query("UPDATE caretaker.purged_batches SET removed = $2, done_at = clock_timestamp() WHERE id = $1", [
      batch.id,
      JSON.stringify(removed),
    ]);
    return removed;
  };
  const removed = await inDatabase(actor, databaseId, work, { reason: purgeReason, limits: batchLimits });
  return { removed, lockedMs: performance.now() - lockedAt };
}

/** The client, with an end to all of its statements together. */
async function timed(client: pg.PoolClient): Promise<Pick<pg.PoolClient, "query">> {
  await client.query("SELECT set_config('statement_timeout', $1, true)", [String(lockedMsMax)]);
  const since = performance.now();
  const query = async (...given: unknown[]) => {
    if (performance.now() - since > lockedMsMax) throw new TooLong("The batch took too long.");
    return Reflect.apply(client.query, client, given);
  };
  return { query: query as pg.PoolClient["query"] };
}

/** How the audit log tells the removals of purges. */
const purgeReason = "Purge: past the grace period of its policy";

async function remove(
  client: Pick<pg.PoolClient, "query">,
  { table, part, places, holds: wanted }: Parameters<typeof removeBatch>[2],
): Promise<Removed[]> {
  const { along } = table.reach;
  // Held from here on: a hold that comes now waits for this batch, and one that came before is read next.
  for (const one of [table, ...along.map((of) => of.table)]) {
    await client.query(`LOCK TABLE ${quoteTable(one)} IN ROW EXCLUSIVE MODE`);
  }
  const holds = await standingHolds(client);
  if (wanted.some((id) => !holds.some((hold) => hold.id === id))) {
    throw new Refusal("conflict", "A legal hold was placed and does not stand in this database yet.", {
      fix: "The purge goes on as soon as it does.",
    });
  }
  const own = relation(part.schema, part.name);
  const due = `${dueSql(table, "t")} AND ${holdOf(holds, table, "t")} IS NULL`;
  const { rows: locked } = await client.query<{ place: string }>(
    `SELECT t.ctid::text AS place FROM ONLY ${own} AS t WHERE t.ctid = ANY ($1::tid[]) AND ${due} FOR UPDATE SKIP LOCKED`,
    [places],
  );
  let open = locked.map(({ place }) => place);
  if (open.length === 0) return [];
  const from = (path: (typeof along)[number]["path"]) =>
    `FROM ONLY ${own} AS t, ${path.map((key, at) => `${relation(key.schema, key.table)} AS c${at + 1}`).join(", ")}
      WHERE t.ctid = ANY ($1::tid[]) AND ${joinsOf(path, "t")}`;
  for (const { path } of along) {
    await client.query(`SELECT ${from(path)} FOR UPDATE OF c${path.length}`, [open]);
  }
  const { rows: free } = await client.query<{ place: string; tenant: string | null }>(
    `SELECT t.ctid::text AS place, ${tenantSql(table, "t")} AS tenant FROM ONLY ${own} AS t
      WHERE t.ctid = ANY ($1::tid[]) AND ${due} AND NOT ${blockedSql(table.reach, holds, "t")}`,
    [open],
  );
  open = free.map(({ place }) => place);
  if (open.length === 0) return [];
  const removed: Removed[] = [];
  for (const { path, table: child } of along.toSorted((a, b) => b.path.length - a.path.length)) {
    const last = `c${path.length}`;
    const others = path.slice(0, -1).map((key, at) => `${relation(key.schema, key.table)} AS c${at + 1}`);
    const { rowCount } = await client.query(
      `DELETE FROM ${quoteTable(child)} AS ${last} USING ${[`ONLY ${own} AS t`, ...others].join(", ")}
        WHERE t.ctid = ANY ($1::tid[]) AND ${joinsOf(path, "t")}`,
      [open],
    );
    if (rowCount) removed.push({ table: `${child.schema}.${child.name}`, tenant: null, rows: rowCount });
    if ((await client.query(`SELECT ${from(path)} LIMIT 1`, [open])).rowCount !== 0) throw kept(child);
  }
  const { rowCount } = await client.query(`DELETE FROM ONLY ${own} AS t WHERE t.ctid = ANY ($1::tid[])`, [open]);
  if (rowCount !== open.length) throw kept(table);
  const tenants = Map.groupBy(free, ({ tenant }) => tenant);
  const name = `${table.schema}.${table.name}`;
  return [...[...tenants].map(([tenant, rows]) => ({ table: name, tenant, rows: rows.length })), ...removed];
}

function kept({ schema, name }: Part): Refusal {
  return new Refusal(
    "conflict",
    `A trigger or rule of the application keeps rows of ${schema}.${name} from being removed.`,
    {
      fix: "Set the table's policy to never, or change the trigger.",
    },
  );
}
