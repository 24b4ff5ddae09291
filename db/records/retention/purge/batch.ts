import type pg from "pg";
import type { Actor } from "../../../actor.ts";
import { Refusal } from "../../../errors.ts";
import { inDatabase } from "../../../fleet.ts";
import { holdOf } from "../../../managed/holds/refuse.ts";
import { tenantSql } from "../../../managed/holds/rule.ts";
import { standingHolds } from "../../../managed/holds/standing.ts";
import { relation } from "../../../managed/statement.ts";
import type { Removed } from "../../../schema/purges.ts";
import { quoteTable } from "../../row-key.ts";
import { dueSql } from "./due.ts";
import { blockedSql, joinsOf } from "./reach.ts";
import type { Scope } from "./scope.ts";

/** A table, or the partition of it, whose rows a batch removes. */
export interface Part {
  schema: string;
  name: string;
}

// Nobody waits longer for a batch than it waits for others.
const batchLimits = { statement: 20_000, lock: 50, idle: 10_000 };

/**
 * Removes rows in one transaction, its receipt with them. Rows that the application has locked are left for another time; the
 * others are locked first, with what goes along, and then looked at again: from here on nothing can come to hang from them, so
 * that the removal reaches no row that was not looked at. `holds` are those that must stand here before anything goes.
 *
 * @throws Refusal `conflict` when a hold that was placed does not stand in this database yet.
 */
export function removeBatch(
  actor: Actor,
  databaseId: string,
  batch: {
    id: string;
    table: Scope["tables"][number];
    part: Part;
    places: readonly string[];
    holds: readonly string[];
  },
): Promise<Removed[]> {
  const work = async (client: pg.PoolClient) => {
    await client.query("INSERT INTO caretaker.purged_batches (id) VALUES ($1)", [batch.id]);
    const removed = await remove(client, batch);
    await client.query("UPDATE caretaker.purged_batches SET removed = $2, done_at = clock_timestamp() WHERE id = $1", [
      batch.id,
      JSON.stringify(removed),
    ]);
    return removed;
  };
  return inDatabase(actor, databaseId, work, { reason: purgeReason, limits: batchLimits });
}

/** How the audit log tells the removals of purges. */
const purgeReason = "Purge: past the grace period of its policy";

async function remove(
  client: pg.PoolClient,
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
