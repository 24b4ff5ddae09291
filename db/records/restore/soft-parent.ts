import type pg from "pg";
import type { ManagedTable } from "../managed.ts";
import { quote, quoteTable } from "../row-key.ts";
import type { Parent, TableShape } from "../table-shape.ts";

/** Whether the parent row is there but marked as deleted. */
export async function softDeletedParent(
  client: pg.PoolClient,
  table: TableShape,
  managed: readonly ManagedTable[],
  parent: Parent,
  image: string,
): Promise<boolean> {
  const softDelete = managed.find(({ schema, name }) => schema === parent.schema && name === parent.table)?.softDelete;
  if (!softDelete) return false;
  const marked = `p.${quote(softDelete.column)} ${softDelete.kind === "boolean" ? "IS TRUE" : "IS NOT NULL"}`;
  const same = parent.columns.map((column, at) => `p.${quote(parent.parentColumns[at] ?? "")} = r.${quote(column)}`);
  const { rows } = await client.query<{ marked: boolean }>(
    `SELECT EXISTS (
       SELECT FROM jsonb_populate_record(NULL::${quoteTable(table)}, $1::jsonb) AS r
         JOIN ${quoteTable({ schema: parent.schema, name: parent.table })} AS p ON ${same.join(" AND ")}
        WHERE ${marked}) AS marked`,
    [image],
  );
  return rows[0]?.marked === true;
}
