import type pg from "pg";
import { activeView, activeViewSql } from "../../managed/active-view.ts";
import { quoteTable } from "../../managed/row-key.ts";
import type { SoftTable } from "../bin/soft-tables.ts";
import type { Finding } from "./contract.ts";

/** Tables without a view of their live rows, or with one that does not show every column any more. */
export async function viewsOfLiveRows(
  client: pg.PoolClient,
  tables: readonly SoftTable[],
): Promise<Map<string, Finding[]>> {
  const { rows } = await client.query<{ schema: string; name: string; exists: boolean; lacks: string[] }>(
    `SELECT asked.schema, asked.name, v.oid IS NOT NULL AS exists,
            ARRAY(SELECT a.attname::text FROM pg_attribute a
                   WHERE a.attrelid = format('%I.%I', asked.schema, asked.name)::regclass AND a.attnum > 0 AND NOT a.attisdropped
                     AND NOT EXISTS (SELECT FROM pg_attribute shown
                                      WHERE shown.attrelid = v.oid AND shown.attname = a.attname AND NOT shown.attisdropped)
                   ORDER BY a.attnum) AS lacks
       FROM unnest($1::text[], $2::text[], $3::text[]) AS asked (schema, name, view)
       LEFT JOIN pg_class v ON v.relname = asked.view AND v.relkind = 'v' AND v.relnamespace = asked.schema::regnamespace`,
    [tables.map(({ schema }) => schema), tables.map(({ name }) => name), tables.map((table) => activeView(table.name))],
  );
  const of = new Map(rows.map(({ schema, name, ...view }) => [quoteTable({ schema, name }), view]));
  return new Map(
    tables.map((table) => {
      const name = quoteTable(table);
      const view = of.get(name);
      if (!view) return [name, []];
      if (!view.exists) return [name, [missing(table)]];
      return [name, view.lacks.length === 0 ? [] : [outOfDate(table, view.lacks)]];
    }),
  );
}

function missing(table: SoftTable): Finding {
  return {
    code: "view_missing",
    severity: "note",
    message: `There is no view ${activeView(table.name)} of its live rows, so each query has to leave out the deleted ones by itself.`,
    statements: [activeViewSql(table, table.softDelete)],
  };
}

function outOfDate(table: SoftTable, lacks: readonly string[]): Finding {
  return {
    code: "view_out_of_date",
    severity: "warning",
    message: `The view ${activeView(table.name)} lacks ${lacks.join(", ")}.`,
    statements: [activeViewSql(table, table.softDelete)],
  };
}
