import { literal } from "../../../managed/statement.ts";
import type { TableShape } from "../../table-shape.ts";
import { problems, rows } from "../scratch.ts";
import { storedColumns, type Work, type WorkTable } from "../work.ts";
import { columnOffers } from "./column-offers.ts";
import { fitImages } from "./fit.ts";
import { note, offersSql } from "./note.ts";

const masked = '^"masked:[0-9a-f]{32}"$';
const capped = '^"capped:[0-9a-f]{64}:\\d+"$';

/** Goes through the images column by column: what is not known of them, what has no place any more, what is wanted beyond them. */
export async function checkColumns(work: Work): Promise<void> {
  await work.client.query(
    `UPDATE ${rows} AS r
        SET withheld = ARRAY(SELECT key FROM jsonb_each(r.image) WHERE value::text ~ $1 OR value::text ~ $2 ORDER BY key)
      WHERE r.fitted IS NULL AND r.image::text ~ '"(masked|capped):'`,
    [masked, capped],
  );
  for (const table of work.tables) {
    const { rowCount } = await work.client.query(
      `SELECT FROM ${rows} WHERE tab = $1 AND fitted IS NULL AND image IS NOT NULL LIMIT 1`,
      [table.tab],
    );
    if (rowCount === 0) continue;
    if (table.shape) await checkTable(work, table);
    else await note(work, table, "table_gone", wholeRow(table));
  }
  await work.client.query(`UPDATE ${rows} SET fitted = '{}' WHERE fitted IS NULL`);
  await keepAsTheyAre(work);
  await leaveSame(work);
}

/** Of an earlier version only what differs is written; all of it is compared afterwards. */
async function leaveSame({ client }: Work): Promise<void> {
  await client.query(
    `UPDATE ${rows} AS r
        SET whole = ARRAY(SELECT key FROM jsonb_object_keys(r.fitted) AS key ORDER BY key),
            fitted = (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(r.fitted) WHERE value IS DISTINCT FROM r.standing -> key)
      WHERE r.origin = 'version' AND r.act = 'update' AND r.whole IS NULL`,
  );
  await client.query(
    `UPDATE ${rows} SET state = 'live' WHERE origin = 'version' AND act = 'update' AND fitted = '{}' AND given = '{}' AND state = 'open'`,
  );
}

function wholeRow({ tab }: WorkTable): string {
  return `SELECT n, 'row' AS subject, '{}'::text[] AS columns, ${offersSql("skip")} AS offers, '{}'::jsonb AS detail
            FROM ${rows} WHERE tab = ${tab} AND fitted IS NULL`;
}

async function checkTable(work: Work, table: WorkTable): Promise<void> {
  const { shape, tab } = table;
  if (!shape) return;
  const withheld = (pattern: string) =>
    `SELECT r.n, col AS subject, ARRAY[col] AS columns, ${columnOffers(shape, "col")} AS offers,
            jsonb_build_object('bytes', substring(r.image ->> col FROM '^capped:.*:(\\d+)$')) AS detail
       FROM ${rows} AS r, unnest(r.withheld) AS col
      WHERE r.tab = ${tab} AND r.fitted IS NULL AND (r.image -> col)::text ~ ${literal(pattern)}`;
  await note(work, table, "masked", withheld(masked));
  await note(work, table, "capped", withheld(capped));
  const known = shape.columns.map(({ name }) => literal(name)).join(", ");
  await note(
    work,
    table,
    "column_gone",
    `SELECT r.n, col AS subject, ARRAY[col] AS columns, ${offersSql("leave", "skip")} AS offers,
            jsonb_build_object('was', r.image -> col) AS detail
       FROM ${rows} AS r, jsonb_object_keys(r.image) AS col
      WHERE r.tab = ${tab} AND r.fitted IS NULL AND NOT (col = ANY (ARRAY[${known}]::text[]))`,
  );
  await note(work, table, "required", required(shape, tab));
  await fitImages(work, table);
}

/** Columns that were added or became NOT NULL since. A JSON null is a value, which an image cannot tell from none. */
function required(shape: TableShape, tab: number): string {
  const isMissing = storedColumns(shape)
    .filter(({ nullable }) => !nullable)
    .map(({ name, baseType, hasDefault, identity }) => {
      const absent = hasDefault || identity ? "false" : `NOT r.image ? ${literal(name)}`;
      const empty = isJson(baseType) ? "false" : `r.image -> ${literal(name)} = 'null'`;
      return `CASE WHEN ${absent} OR ${empty} THEN ${literal(name)} END`;
    });
  return `SELECT r.n, col AS subject, ARRAY[col] AS columns, ${columnOffers(shape, "col")} AS offers, '{}'::jsonb AS detail
            FROM ${rows} AS r, unnest(array_remove(ARRAY[${isMissing.join(", ")}]::text[], NULL)) AS col
           WHERE r.tab = ${tab} AND r.fitted IS NULL AND r.act = 'insert'`;
}

export function isJson(baseType: string): boolean {
  return baseType === "json" || baseType === "jsonb";
}

/** An update writes what can be written; the other columns stay as they are, which needs no choice. */
async function keepAsTheyAre({ client }: Work): Promise<void> {
  await client.query(
    `UPDATE ${problems} AS p SET settled = true, offers = '{}'
       FROM ${rows} AS r WHERE r.n = p.n AND r.act = 'update' AND r.origin = 'version'
        AND p.code IN ('masked', 'capped', 'column_gone', 'type_changed')`,
  );
}
