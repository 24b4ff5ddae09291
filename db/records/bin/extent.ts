import type pg from "pg";
import { Values } from "../../audit/conditions.ts";
import type { DeletionKind, DeletionTable } from "./contract.ts";
import { deletesSql, type Marks, unmarksSql } from "./marks.ts";

/** How much a deletion took, and how much of it is deleted still. */
export interface Extent {
  tables: DeletionTable[];
  rows: number;
  /** Whether there are more rows than were counted. */
  more: boolean;
  /** Null where there are too many to look at each. */
  open: number | null;
}

interface Head {
  transaction: string;
  at: string;
}

export interface Most {
  /** Rows counted of each deletion. */
  counted: number;
  /** Rows of each deletion that are looked after, one by one. */
  looked: number;
}

/** The extents of deletions, by transaction. A transaction is taken to be no longer than a day. */
export async function extentsOf(
  client: pg.PoolClient,
  heads: readonly Head[],
  marks: Marks,
  most: Most,
): Promise<Map<string, Extent>> {
  if (heads.length === 0) return new Map();
  const counts = Map.groupBy(await countRows(client, heads, marks, most.counted), ({ transaction }) => transaction);
  const few = heads.filter(({ transaction }) => sum(counts.get(transaction) ?? []) <= most.looked);
  const open = await countOpen(client, few, marks);
  return new Map(
    heads.map(({ transaction }) => {
      const of = counts.get(transaction) ?? [];
      const rows = sum(of);
      const tables = of.map(({ transaction: _of, ...table }) => table);
      const more = rows > most.counted;
      return [transaction, { tables, rows: Math.min(rows, most.counted), more, open: open.get(transaction) ?? null }];
    }),
  );
}

type Count = DeletionTable & { transaction: string };

function sum(counts: readonly Count[]): number {
  return counts.reduce((rows, count) => rows + count.rows, 0);
}

async function countRows(
  client: pg.PoolClient,
  heads: readonly Head[],
  marks: Marks,
  counted: number,
): Promise<Count[]> {
  const values = new Values();
  const { rows } = await client.query<Count>(
    `SELECT asked.transaction, taken.schema, taken."table", taken.tenant, taken.kind, count(*)::int AS rows
       FROM ${askedSql(values, heads)}
      CROSS JOIN LATERAL (
        SELECT resource_schema AS schema, resource_type AS "table", tenant_id AS tenant,
               CASE action WHEN 'delete' THEN 'hard' ELSE 'soft' END AS kind
          FROM caretaker.audit_logs WHERE ${takenSql(values, marks)} LIMIT ${values.add(counted + 1)}) AS taken
      GROUP BY 1, 2, 3, 4, 5
      ORDER BY 6 DESC, 2, 3, 4`,
    values.list,
  );
  return rows;
}

async function countOpen(client: pg.PoolClient, heads: readonly Head[], marks: Marks): Promise<Map<string, number>> {
  if (heads.length === 0) return new Map();
  const values = new Values();
  const { rows } = await client.query<{ transaction: string; open: number }>(
    `SELECT asked.transaction, count(*) FILTER (WHERE ${stateSql(values, marks, "taken")} = 'deleted')::int AS open
       FROM ${askedSql(values, heads)}
      CROSS JOIN LATERAL (SELECT * FROM caretaker.audit_logs WHERE ${takenSql(values, marks)} OFFSET 0) AS taken
      GROUP BY 1`,
    values.list,
  );
  return new Map(rows.map(({ transaction, open }) => [transaction, open]));
}

/** A row that its deletion left deleted, by a key that it can be followed by. */
interface StillDeleted {
  transaction: string;
  at: string;
  kind: DeletionKind;
  schema: string;
  table: string;
  record: string;
  tenant: string | null;
}

/** What of deletions is deleted still, as far as their own log knows. */
export async function stillDeleted(
  client: pg.PoolClient,
  heads: readonly Head[],
  marks: Marks,
): Promise<StillDeleted[]> {
  if (heads.length === 0) return [];
  const values = new Values();
  const { rows } = await client.query<StillDeleted>(
    `SELECT asked.transaction, taken.created_at::text AS at, CASE taken.action WHEN 'delete' THEN 'hard' ELSE 'soft' END AS kind,
            taken.resource_schema AS schema, taken.resource_type AS "table", taken.resource_id AS record, taken.tenant_id AS tenant
       FROM ${askedSql(values, heads)}
      CROSS JOIN LATERAL (SELECT * FROM caretaker.audit_logs WHERE ${takenSql(values, marks)} OFFSET 0) AS taken
      WHERE taken.resource_schema IS NOT NULL AND taken.resource_id IS NOT NULL AND ${stateSql(values, marks, "taken")} = 'deleted'`,
    values.list,
  );
  return rows;
}

function askedSql(values: Values, heads: readonly Head[]): string {
  return `unnest(${values.add(heads.map(({ transaction }) => transaction))}::text[],
                 ${values.add(heads.map(({ at }) => at))}::timestamptz[]) AS asked (transaction, at)`;
}

function takenSql(values: Values, marks: Marks): string {
  return `transaction_id = asked.transaction::xid8 AND created_at BETWEEN asked.at - interval '1 day' AND asked.at
           AND ${deletesSql(values, marks)}`;
}

/** SQL of what became of the row that the entry `alias` removed or marked; a row without a key cannot be followed. */
export function stateSql(values: Values, marks: Marks, alias: string): string {
  const later = (condition: string) => `EXISTS (
    SELECT FROM caretaker.audit_logs AS later
     WHERE later.resource_id = ${alias}.resource_id AND later.resource_type = ${alias}.resource_type
       AND later.resource_schema = ${alias}.resource_schema AND later.created_at >= ${alias}.created_at AND later.id > ${alias}.id
       AND ${condition})`;
  return `CASE WHEN ${alias}.action = 'delete' THEN CASE WHEN ${later("later.action = 'create'")} THEN 'back' ELSE 'deleted' END
               WHEN ${later("later.action = 'delete'")} THEN 'removed'
               WHEN ${later(`later.action = 'update' AND ${unmarksSql(values, marks, "later")}`)} THEN 'back'
               ELSE 'deleted' END`;
}
