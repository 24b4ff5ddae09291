import type pg from "pg";
import { monthsParent } from "../../managed/sql/020-audit-logs.ts";
import { relation } from "../../managed/statement.ts";
import { partitionName, stagingName } from "./month.ts";

/** Where a month's table is: part of the log, standing alone on its way out, or not there. */
export type Standing = "attached" | "alone" | "gone";

export async function standingOf(client: pg.ClientBase, month: string): Promise<Standing> {
  const { rows } = await client.query<{ standing: Standing }>(
    `SELECT CASE WHEN part IS NULL THEN 'gone'
                 WHEN EXISTS (SELECT FROM pg_inherits
                               WHERE inhrelid = part AND inhparent = ${monthsParent}) THEN 'attached'
                 ELSE 'alone' END AS standing
       FROM to_regclass($1) AS found (part)`,
    [partitionOf(month)],
  );
  return rows[0]?.standing ?? "gone";
}

export interface HotMonth {
  month: string;
  /** Of the table with its indexes. */
  bytes: number;
  /** PostgreSQL's estimate. */
  rows: number;
}

/** The months whose partitions are part of the log, oldest first. The DEFAULT partition is none of them. */
export async function hotMonths(client: pg.ClientBase): Promise<HotMonth[]> {
  const { rows } = await client.query<{ month: string; bytes: string; rows: string }>(
    `SELECT replace(substr(relname, 12), '_', '-') AS month, pg_total_relation_size(c.oid)::text AS bytes,
            greatest(reltuples, 0)::bigint::text AS rows
       FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
      WHERE inhparent = ${monthsParent} AND relname ~ '^audit_logs_\\d{4}_\\d{2}$'
      ORDER BY relname`,
  );
  return rows.map(({ month, bytes, rows }) => ({ month, bytes: Number(bytes), rows: Number(rows) }));
}

export function partitionOf(month: string): string {
  return relation("caretaker", partitionName(month));
}

export function stagingOf(month: string): string {
  return relation("caretaker", stagingName(month));
}
