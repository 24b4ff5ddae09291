import type pg from "pg";
import { type EntryRow, entryColumns, entryRows } from "../../audit/entry-row.ts";
import type { SoftRow } from "./rows-soft.ts";

/** For each soft-deleted row the audit entry that marked it, where there is one; by `table/record` of the row. */
export async function markingEntries(client: pg.PoolClient, rows: readonly SoftRow[]): Promise<Map<string, EntryRow>> {
  if (rows.length === 0) return new Map();
  const entries = await entryRows(
    client,
    `SELECT DISTINCT ON (created_at, id) ${entryColumns}
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS asked (schema, name, record, "column")
       CROSS JOIN LATERAL (
         SELECT log.* FROM caretaker.audit_logs AS log
          WHERE log.resource_id = asked.record AND log.resource_type = asked.name AND log.resource_schema = asked.schema
            AND log.action = 'update' AND log.changes ? asked."column"
          ORDER BY log.created_at DESC, log.id DESC LIMIT 1) AS audit_logs`,
    [
      rows.map(({ schema }) => schema),
      rows.map(({ table }) => table),
      rows.map(({ record }) => record),
      rows.map(({ column }) => column),
    ],
  );
  return new Map(entries.map((entry) => [rowAddress(entry), entry]));
}

export function rowAddress(row: { schema: string | null; table: string | null; record: string | null }): string {
  return JSON.stringify([row.schema, row.table, row.record]);
}

/** How many rows each transaction deleted, hard or by setting one of the deletion columns. */
export async function deletedTogether(
  client: pg.PoolClient,
  transactions: readonly string[],
  softColumns: readonly string[],
): Promise<Map<string, number>> {
  if (transactions.length === 0) return new Map();
  const { rows } = await client.query<{ transaction: string; rows: string }>(
    `SELECT transaction_id::text AS transaction, count(*) AS rows
       FROM caretaker.audit_logs
      WHERE transaction_id = ANY ($1::text[]::xid8[])
        AND (action = 'delete' OR (action = 'update' AND changes ?| $2::text[]))
      GROUP BY transaction_id`,
    [[...new Set(transactions)], [...new Set(softColumns)]],
  );
  return new Map(rows.map(({ transaction, rows }) => [transaction, Number(rows)]));
}
