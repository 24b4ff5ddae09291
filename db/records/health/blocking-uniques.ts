import type pg from "pg";
import { quote, quoteTable } from "../../managed/row-key.ts";
import type { SoftTable } from "../bin/soft-tables.ts";
import type { Finding } from "./contract.ts";
import { isLive, nameWith } from "./live.ts";

interface Unique {
  schema: string;
  table: string;
  name: string;
  /** The constraint that it belongs to. */
  constraint: string | null;
  method: string;
  keys: string[];
  nullsDistinct: boolean;
  /** Foreign keys that point at it, without which it cannot go. */
  needed: string[];
}

/**
 * Unique indexes that also hold the values of rows marked as deleted: a name stays taken by a row that nobody sees. One that has the
 * mark among its columns, or a condition on it, was made with that in mind.
 */
export async function uniquesThatBlock(
  client: pg.PoolClient,
  tables: readonly SoftTable[],
): Promise<Map<string, Finding[]>> {
  const { rows } = await client.query<Unique>(
    `SELECT asked.schema, asked.name AS "table", c.relname AS name, k.conname AS constraint, am.amname AS method,
            ARRAY(SELECT pg_get_indexdef(i.indexrelid, at, false) FROM generate_series(1, i.indnkeyatts) AS at ORDER BY at) AS keys,
            coalesce(to_jsonb(i) ->> 'indnullsnotdistinct', 'false') <> 'true' AS "nullsDistinct",
            ARRAY(SELECT f.conrelid::regclass || '.' || f.conname FROM pg_constraint f
                   WHERE f.contype = 'f' AND f.conindid = i.indexrelid ORDER BY 1) AS needed
       FROM unnest($1::text[], $2::text[], $3::text[]) AS asked (schema, name, "column")
       JOIN pg_index i ON i.indrelid = format('%I.%I', asked.schema, asked.name)::regclass
       JOIN pg_class c ON c.oid = i.indexrelid
       JOIN pg_am am ON am.oid = c.relam
       JOIN pg_attribute mark ON mark.attrelid = i.indrelid AND mark.attname = asked."column"
       LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype = 'u'
      WHERE i.indisunique AND i.indisvalid AND NOT i.indisprimary AND mark.attnum <> ALL (i.indkey)
        AND NOT EXISTS (SELECT FROM pg_depend d
                         WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                           AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid = mark.attnum)
      ORDER BY 1, 2, 3`,
    [
      tables.map(({ schema }) => schema),
      tables.map(({ name }) => name),
      tables.map(({ softDelete }) => softDelete.column),
    ],
  );
  const of = new Map(tables.map((table) => [quoteTable(table), table]));
  const found = rows.flatMap((unique) => {
    const name = quoteTable({ schema: unique.schema, name: unique.table });
    const table = of.get(name);
    return table ? [{ name, finding: findingOf(table, unique) }] : [];
  });
  return new Map(
    [...Map.groupBy(found, ({ name }) => name)].map(([name, all]) => [name, all.map((one) => one.finding)]),
  );
}

function findingOf(table: SoftTable, unique: Unique): Finding {
  const what = `${unique.name} (${unique.keys.join(", ")}) also counts rows that are marked as deleted, so their values stay taken.`;
  if (unique.needed.length > 0) {
    const message = `${what} The foreign keys ${unique.needed.join(", ")} need it as it is: only the application can free a value, by changing it when it marks the row.`;
    return { code: "blocks_reuse", severity: "warning", message, statements: [] };
  }
  const relation = quoteTable(table);
  const nulls = unique.nullsDistinct ? "" : " NULLS NOT DISTINCT";
  const create = `CREATE UNIQUE INDEX CONCURRENTLY ${quote(nameWith(unique.name, "_live"))} ON ${relation} USING ${unique.method} (${unique.keys.join(", ")})${nulls} WHERE ${isLive(table)}`;
  const drop =
    unique.constraint === null
      ? `DROP INDEX CONCURRENTLY ${quoteTable({ schema: unique.schema, name: unique.name })}`
      : `ALTER TABLE ${relation} DROP CONSTRAINT ${quote(unique.constraint)}`;
  return { code: "blocks_reuse", severity: "warning", message: what, statements: [create, drop] };
}
