import type pg from "pg";
import { quote, quoteTable } from "../../managed/row-key.ts";
import type { SoftTable } from "../bin/soft-tables.ts";
import type { Finding } from "./contract.ts";
import { isLive, isMarked, nameWith } from "./live.ts";
import type { Weight } from "./weight.ts";

// Below this a scan of the whole table takes no time that anybody notices.
const rowsMin = 10_000;

// An index that holds every row is read past its deleted ones; up to a tenth of them that costs less than another index would.
const deadShareMin = 0.1;

/** Big tables without an index over their live rows, where many are deleted, or without one over their deleted rows. */
export async function missingIndexes(
  client: pg.PoolClient,
  tables: readonly SoftTable[],
  weights: ReadonlyMap<string, Weight>,
): Promise<Map<string, Finding[]>> {
  const { rows } = await client.query<{ schema: string; name: string; live: boolean; marked: boolean }>(
    `SELECT asked.schema, asked.name,
            coalesce(bool_or(i.indpred IS NOT NULL AND uses.mark AND mark.attnum <> i.indkey[0]), false) AS live,
            coalesce(bool_or(mark.attnum = i.indkey[0]), false) AS marked
       FROM unnest($1::text[], $2::text[], $3::text[]) AS asked (schema, name, "column")
       JOIN pg_attribute mark ON mark.attrelid = format('%I.%I', asked.schema, asked.name)::regclass AND mark.attname = asked."column"
       LEFT JOIN pg_index i ON i.indrelid = mark.attrelid AND i.indisvalid
       LEFT JOIN LATERAL (SELECT EXISTS (SELECT FROM pg_depend d
                                          WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                                            AND d.refobjid = i.indrelid AND d.refobjsubid = mark.attnum) AS mark) AS uses ON true
      GROUP BY 1, 2`,
    [
      tables.map(({ schema }) => schema),
      tables.map(({ name }) => name),
      tables.map(({ softDelete }) => softDelete.column),
    ],
  );
  const has = new Map(rows.map(({ schema, name, ...indexes }) => [quoteTable({ schema, name }), indexes]));
  return new Map(
    tables.map((table) => {
      const name = quoteTable(table);
      const { rows: size = 0, marked = null } = weights.get(name) ?? {};
      const indexes = has.get(name);
      if (size < rowsMin || marked === null || !indexes) return [name, []];
      const dead = marked / size;
      return [
        name,
        [
          ...(!indexes.live && dead >= deadShareMin ? [ofLiveRows(table, dead)] : []),
          ...(!indexes.marked && marked > 0 ? [ofDeletedRows(table)] : []),
        ],
      ];
    }),
  );
}

function ofLiveRows(table: SoftTable, dead: number): Finding {
  const key = table.key.map(({ name }) => quote(name)).join(", ");
  return {
    code: "no_index_of_live_rows",
    severity: "note",
    message: `About ${Math.round(dead * 100)} % of its rows are marked as deleted, and no index leaves them out: every search reads past them.`,
    statements: [
      `CREATE INDEX CONCURRENTLY ${quote(nameWith(table.name, "_live_idx"))} ON ${quoteTable(table)} (${key}) WHERE ${isLive(table)}`,
    ],
  };
}

function ofDeletedRows(table: SoftTable): Finding {
  return {
    code: "no_index_of_deleted_rows",
    severity: "note",
    message: `No index begins with ${table.softDelete.column}: listing and purging its deleted rows reads the whole table.`,
    statements: [
      `CREATE INDEX CONCURRENTLY ${quote(nameWith(table.name, "_deleted_idx"))} ON ${quoteTable(table)} (${quote(table.softDelete.column)}) WHERE ${isMarked(table)}`,
    ],
  };
}
