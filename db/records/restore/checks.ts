import type pg from "pg";
import { type KeyColumn, keyColumns, keyText, quote, quoteTable, sameKey } from "../row-key.ts";
import type { Parent, TableShape, Unique } from "../table-shape.ts";

/** The row as the table would hold it: `$1` is its image. */
function rowOf(table: TableShape): string {
  return `jsonb_populate_record(NULL::${quoteTable(table)}, $1::jsonb)`;
}

/** The key of the live row that stands where the image's row would go in a unique index; null when the place is free. */
export async function clashWith(
  client: pg.PoolClient,
  table: TableShape,
  key: readonly KeyColumn[],
  unique: Unique,
  image: string,
  own: boolean,
): Promise<{ record: string | null } | null> {
  const keys = unique.keys.map((expression, at) => `${expression} AS caretaker_k${at}`).join(", ");
  const where = unique.predicate === null ? "" : `WHERE ${unique.predicate}`;
  const parts = key.map(({ name }) => quote(name)).join(", ");
  const columns = [keys, parts].filter(Boolean).join(", ");
  const equal = unique.nullsDistinct ? "=" : "IS NOT DISTINCT FROM";
  const on = unique.keys.map((_, at) => `live.caretaker_k${at} ${equal} wanted.caretaker_k${at}`).join(" AND ");
  const { rows } = await client.query<{ record: string | null }>(
    `SELECT ${keyText("live", key)} AS record
       FROM (SELECT ${columns} FROM ${quoteTable(table)} ${where}) AS live
       JOIN (SELECT ${columns} FROM ${rowOf(table)} ${where}) AS wanted ON ${on}
      ${
        own
          ? `WHERE NOT (${sameKey(
              "live",
              "wanted",
              key.map(({ name }) => name),
            )})`
          : ""
      }
      LIMIT 1`,
    [image],
  );
  return rows[0] ?? null;
}

export interface ParentState {
  present: boolean;
  /** The parent's key as the audit log writes it, when the foreign key names the parent's primary key. */
  record: string | null;
}

/** Whether the row that a foreign key points at is there; null when the image points nowhere. */
export async function parentState(
  client: pg.PoolClient,
  table: TableShape,
  parent: Parent,
  image: string,
): Promise<ParentState | null> {
  const pairs = parent.columns.map((column, at) => ({
    own: `r.${quote(column)}`,
    theirs: quote(parent.parentColumns[at] ?? ""),
  }));
  const byKey = sameMembers(parent.parentColumns, parent.parentKey);
  const ordered = keyColumns(
    parent.parentKey.map((column) => parent.columns[parent.parentColumns.indexOf(column)] ?? ""),
    table.columns,
  );
  const { rows } = await client.query<ParentState>(
    `SELECT EXISTS (SELECT FROM ${quoteTable({ schema: parent.schema, name: parent.table })} AS p
                     WHERE ${pairs.map(({ own, theirs }) => `p.${theirs} = ${own}`).join(" AND ")}) AS present,
            ${byKey ? keyText("r", ordered) : "NULL::text"} AS record
       FROM ${rowOf(table)} AS r
      WHERE ${pairs.map(({ own }) => `${own} IS NOT NULL`).join(" AND ")}`,
    [image],
  );
  return rows[0] ?? null;
}

/** The newest entry that deleted a record, when it is not known to have been created again. */
export async function deletionOf(
  client: pg.PoolClient,
  record: { schema: string; table: string; record: string },
): Promise<string | null> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id::text AS id FROM caretaker.audit_logs
      WHERE resource_id = $1 AND resource_type = $2 AND resource_schema = $3 AND action = 'delete'
      ORDER BY audit_logs.created_at DESC, audit_logs.id DESC LIMIT 1`,
    [record.record, record.table, record.schema],
  );
  return rows[0]?.id ?? null;
}

/** The table's CHECK constraints that the row would break. */
export async function brokenChecks(client: pg.PoolClient, table: TableShape, image: string): Promise<string[]> {
  if (table.checks.length === 0) return [];
  const tests = table.checks.map(({ expression }, at) => `(${expression}) IS FALSE AS c${at}`);
  const { rows } = await client.query<Record<string, boolean>>(`SELECT ${tests.join(", ")} FROM ${rowOf(table)}`, [
    image,
  ]);
  return table.checks.filter((_, at) => rows[0]?.[`c${at}`]).map(({ name }) => name);
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((member) => b.includes(member));
}
