import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { withDatabase } from "../../fleet.ts";
import { identifier } from "../../managed/statement.ts";
import type { TableVolume, Volume } from "./contract.ts";

const daysMax = 7;
// 32 MB of a partition tell the shares of its tables well enough; a smaller one is read whole.
const pagesRead = 4_096;
// What an entry takes beside its JSON: the fixed columns, ids, address and tuple header.
const entryBytes = 180;

/** How much each table adds to a database's log, from the last seven days. Its cost does not grow with the log. */
export async function readVolume(actor: Actor, databaseId: string): Promise<Volume> {
  authorise(actor, "audit.read");
  return withDatabase(databaseId, volumeOf);
}

interface Part {
  name: string;
  pages: number;
  /** All bytes over those of the heap: what indexes and TOAST add. */
  growth: number;
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
    exact: parts.every(({ pages }) => pages <= pagesRead),
    entries: Math.round(tables.reduce((sum, one) => sum + one.entriesPerDay * days, 0)),
    bytesTotal: await bytesTotal(client),
    tables: tables.sort((a, b) => b.bytesPerDay - a.bytesPerDay),
  };
}

/** The partitions that can hold entries of these days, the default one among them. */
async function recentParts(client: pg.PoolClient): Promise<Part[]> {
  const { rows } = await client.query<Part>(
    `SELECT c.relname AS name,
            greatest(1, pg_relation_size(c.oid) / current_setting('block_size')::int)::float8 AS pages,
            pg_total_relation_size(c.oid)::float8 / greatest(1, pg_relation_size(c.oid)) AS growth
       FROM pg_inherits i
       JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'caretaker.audit_logs'::regclass
        AND pg_relation_size(c.oid) > 0
        AND (pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT'
             OR (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \\(''([^'']+)''\\)'))[1]::timestamptz > now() - make_interval(days => $1)
            AND (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \\(''([^'']+)''\\)'))[1]::timestamptz <= now())`,
    [daysMax],
  );
  return rows;
}

async function sample(client: pg.PoolClient, part: Part): Promise<TableVolume[]> {
  const percent = Math.min(100, (100 * pagesRead) / part.pages);
  const { rows } = await client.query<{ schema: string | null; table: string | null; entries: number; bytes: number }>(
    `SELECT resource_schema AS schema,
            CASE WHEN resource_schema IS NULL THEN NULL ELSE resource_type END AS table,
            count(*)::float8 AS entries,
            sum($2 + coalesce(pg_column_size(old_values), 0) + coalesce(pg_column_size(new_values), 0)
                   + coalesce(pg_column_size(changes), 0) + coalesce(pg_column_size(metadata), 0))::float8 AS bytes
       FROM caretaker.${identifier(part.name)} TABLESAMPLE SYSTEM ($1)
      WHERE created_at > now() - make_interval(days => $3) AND created_at <= now()
      GROUP BY 1, 2`,
    [percent, entryBytes, daysMax],
  );
  const scale = 100 / percent;
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
    `SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0)::text AS bytes
       FROM pg_inherits WHERE inhparent = 'caretaker.audit_logs'::regclass`,
  );
  return rows[0]?.bytes ?? "0";
}
