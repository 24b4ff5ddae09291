import { literal } from "../../../managed/statement.ts";
import type { Column, TableShape } from "../../table-shape.ts";
import { attempt } from "../attempt.ts";
import { rows } from "../scratch.ts";
import { readable, typed } from "../values.ts";
import { storedColumns, type Work, type WorkTable } from "../work.ts";
import { columnOffers } from "./column-offers.ts";
import { note } from "./note.ts";
import { findUnreadable } from "./unreadable.ts";

/**
 * Reads the images of a table's rows into the types that its columns have now. `fitted` is then what the table would print of
 * them; a value that cannot be read, or would come out otherwise, does not fit.
 */
export async function fitImages(work: Work, table: WorkTable): Promise<void> {
  const { shape } = table;
  if (!shape) return;
  const { rows: found } = await work.client.query<{ col: string }>(
    `SELECT DISTINCT col FROM ${rows} AS r, jsonb_object_keys(r.image) AS col WHERE r.tab = $1 AND r.fitted IS NULL`,
    [table.tab],
  );
  const known = new Set(found.map(({ col }) => col));
  const columns = storedColumns(shape).filter(({ name }) => known.has(name));
  const tried = await attempt(work, () => readInto(work, table, shape, columns));
  if ("done" in tried) return;
  await findUnreadable(work, table, columns);
  await readInto(work, table, shape, columns);
}

async function readInto(work: Work, table: WorkTable, shape: TableShape, columns: readonly Column[]): Promise<void> {
  const names = `ARRAY[${columns.map(({ name }) => literal(name)).join(", ")}]::text[]`;
  const unlike = columns
    .filter(({ baseType }) => !zoned.has(baseType))
    .map(
      (column) => `CASE WHEN f.own ? ${literal(column.name)} AND ${differs(column)} THEN ${literal(column.name)} END`,
    );
  await work.client.query(
    `UPDATE ${rows} AS r
        SET fitted = f.doc - ARRAY(SELECT name FROM unnest(${names}) AS name WHERE NOT f.own ? name),
            unfit = CASE WHEN f.doc = f.own THEN '{}'
                         ELSE array_remove(ARRAY[${unlike.join(", ")}]::text[], NULL) END
       FROM (SELECT s.n, to_jsonb(v) AS doc, ${readable("s", columns)} AS own
               FROM ${rows} AS s CROSS JOIN LATERAL ${typed(readable("s", columns), columns, "v")}
              WHERE s.tab = ${table.tab} AND s.fitted IS NULL AND s.image IS NOT NULL OFFSET 0) AS f
      WHERE r.n = f.n`,
  );
  await note(
    work,
    table,
    "type_changed",
    `SELECT r.n, col AS subject, ARRAY[col] AS columns, ${columnOffers(shape, "col")} AS offers,
            jsonb_build_object('was', r.image -> col, 'now', r.fitted -> col) AS detail
       FROM ${rows} AS r, unnest(r.unfit) AS col WHERE r.tab = ${table.tab} AND r.unfit <> '{}'`,
  );
  await work.client.query(
    `UPDATE ${rows} SET fitted = fitted - unfit, unfit = '{}' WHERE tab = ${table.tab} AND unfit <> '{}'`,
  );
}

// What these print depends on the zone of whoever wrote the entry: a value that could be read is the value.
const zoned = new Set(["_timestamptz", "timetz", "_timetz", "tstzrange", "_tstzrange", "tstzmultirange"]);

/** A value that reads the same is the same, also where its column has become another type. */
function differs({ name, baseType }: Column): string {
  const [own, doc] = ["own", "doc"].map((side) => `f.${side} -> ${literal(name)}`);
  const [was, is] = ["own", "doc"].map((side) => `f.${side} ->> ${literal(name)}`);
  const equal = `${own} IS NOT DISTINCT FROM ${doc} OR ${was} = ${is}`;
  return baseType === "timestamptz"
    ? `NOT (${equal} OR (${was})::timestamptz = (${is})::timestamptz)`
    : `NOT (${equal})`;
}
