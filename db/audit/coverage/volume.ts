import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { withDatabase } from "../../fleet.ts";
import type { TableVolume, Volume } from "./contract.ts";
import { daysMax, type Part, recentParts, recentRows } from "./recent.ts";

// What an entry takes beside its JSON: the fixed columns, ids, address and tuple header.
const entryBytes = 180;

/** How much each table adds to a database's log, from the last seven days. Its cost does not grow with the log. */
export async function readVolume(actor: Actor, databaseId: string): Promise<Volume> {
  authorise(actor, "audit.read");
  return withDatabase(databaseId, volumeOf);
}

async function volumeOf(client: pg.PoolClient): Promise<Volume> {
  const parts = await recentParts(client);
  const sums = new Map<string, TableVolume>();
  for (const part of parts) for (const row of await sample(client, part)) add(sums, row);
  const days = await daysCovered(client);
  const tables = [...sums.values()].map((one) => ({
    ...one,
    entriesPerDay: one.entriesPerDay / days,
    bytesPerDay: one.bytesPerDay / days,
  }));
  return {
    days,
    exact: parts.every(({ percent }) => percent === 100),
    entries: Math.round(tables.reduce((sum, one) => sum + one.entriesPerDay * days, 0)),
    bytesTotal: await bytesTotal(client),
    tables: tables.sort((a, b) => b.bytesPerDay - a.bytesPerDay),
  };
}

async function sample(client: pg.PoolClient, part: Part): Promise<TableVolume[]> {
  const { rows } = await client.query<{ schema: string | null; table: string | null; entries: number; bytes: number }>(
    `SELECT resource_schema AS schema,
            CASE WHEN resource_schema IS NULL THEN NULL ELSE resource_type END AS table,
            count(*)::float8 AS entries,
            sum($3 + coalesce(pg_column_size(old_values), 0) + coalesce(pg_column_size(new_values), 0)
                   + coalesce(pg_column_size(changes), 0) + coalesce(pg_column_size(metadata), 0))::float8 AS bytes
       FROM ${recentRows(part)}
      GROUP BY 1, 2`,
    [part.percent, daysMax, entryBytes],
  );
  const scale = 100 / part.percent;
  return rows.map(({ schema, table, entries, bytes }) => ({
    schema,
    table,
    entriesPerDay: entries * scale,
    bytesPerDay: bytes * scale * part.growth,
  }));
}

function add(sums: Map<string, TableVolume>, row: TableVolume): void {
  const key = JSON.stringify([row.schema, row.table]);
  const sum = sums.get(key);
  if (!sum) sums.set(key, row);
  else
    sums.set(key, {
      ...row,
      entriesPerDay: sum.entriesPerDay + row.entriesPerDay,
      bytesPerDay: sum.bytesPerDay + row.bytesPerDay,
    });
}

/** A log of yesterday says nothing about a week. */
async function daysCovered(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query<{ days: number | null }>(
    "SELECT extract(epoch FROM now() - min(created_at))::float8 / 86400 AS days FROM caretaker.audit_logs",
  );
  return Math.min(daysMax, Math.max(1 / 24, rows[0]?.days ?? daysMax));
}

async function bytesTotal(client: pg.PoolClient): Promise<string> {
  const { rows } = await client.query<{ bytes: string }>(
    `SELECT coalesce(sum(pg_total_relation_size(relid)), 0)::text AS bytes
       FROM pg_partition_tree('caretaker.audit_logs') WHERE isleaf`,
  );
  return rows[0]?.bytes ?? "0";
}
