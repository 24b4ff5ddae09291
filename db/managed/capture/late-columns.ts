import { secretNames } from "../secret-names.ts";
import { literal } from "../statement.ts";
import { dollarQuoted } from "./dollar-quote.ts";
import type { CapturedTable } from "./entry.ts";

// Names that no table's column bears.
const marker = '"caretaker: more"';
const alias = (at: number) => `"caretaker: ${at}"`;

// A row that is read twice over must not have more columns than a query can: 1,664.
const columnsMax = 800;

const canTell = ({ columns }: CapturedTable): boolean => columns.length <= columnsMax;

/** What `late` of `withShape` means where no row is looked at. */
export const notLate = `false AS ${marker}`;

/**
 * SQL that joins `late` to `row`: whether it has more columns than it had when the code was generated. That is told when the query is
 * planned, by names alone, and costs no row anything: of the row with one column more behind it, the first columns are renamed, as
 * many as are known and one; the last keeps its name where there are more, and else the name is found in `absent`, as false.
 */
export function withShape(table: CapturedTable, row: string): string {
  if (!canTell(table)) return `CROSS JOIN (SELECT false AS late) AS shape`;
  const count = table.columns.length + 1;
  const padding = Array.from({ length: count }, (_, i) => (i === 0 ? `true AS ${marker}` : "NULL"));
  const names = Array.from({ length: count }, (_, i) => alias(i + 1));
  return `CROSS JOIN LATERAL (SELECT ${marker} AS late
             FROM (SELECT ${row}.*, ${padding.join(", ")}) AS padded (${names.join(", ")})) AS shape`;
}

/** SQL that is always true, and fails to be planned where the row has not exactly the columns that the code was generated for. */
export function sameShape(table: CapturedTable, row: string): string {
  return `true OR EXISTS (SELECT ${row}.* UNION ALL SELECT ${table.columns.map(() => "NULL").join(", ")})`;
}

/**
 * The function that makes a row's state where it has columns that nobody has decided about yet: what is named like a secret there is
 * not shown. A function, because a subquery would be set up for each statement that has no use for it.
 */
export function lateFunction(table: CapturedTable, name: string): string {
  const known = `ARRAY[${table.columns.map((column) => literal(column.name)).join(", ")}]::text[]`;
  const named = "lower(regexp_replace(late.key, '([a-z0-9])([A-Z])', '\\1 \\2', 'g'))";
  const text = `BEGIN
  RETURN (
    SELECT coalesce(jsonb_object_agg(late.key, CASE WHEN late.key <> ALL (${known})
                                                     AND jsonb_typeof(late.value) IN ('string', 'object', 'array')
                                                     AND ${named} ~ ${literal(secretNames)}
                                                    THEN '"masked"'::jsonb ELSE late.value END), '{}')
      FROM jsonb_each(state) AS late);
END`;
  return `CREATE OR REPLACE FUNCTION ${name}(state jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS ${dollarQuoted(text)}`;
}
