import type pg from "pg";
import { quoteTable } from "../../managed/row-key.ts";
import type { SoftTable } from "../bin/soft-tables.ts";

export interface Weight {
  rows: number;
  /** Null until the table has been analysed. */
  marked: number | null;
}

/** How many rows the planner takes the tables to have, and how many of them to be marked; nothing is counted. */
export async function weightsOf(client: pg.PoolClient, tables: readonly SoftTable[]): Promise<Map<string, Weight>> {
  const { rows } = await client.query<Weight & { schema: string; name: string }>(
    `SELECT asked.schema, asked.name, greatest(c.reltuples, 0)::float8 AS rows,
            round(greatest(c.reltuples, 0) * CASE WHEN asked.flag
              THEN (SELECT coalesce(sum(freq), 0) FROM unnest(s.most_common_vals::text::text[], s.most_common_freqs) AS common (val, freq) WHERE val = 't')
              ELSE 1 - s.null_frac END)::float8 AS marked
       FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[]) AS asked (schema, name, "column", flag)
       JOIN pg_class c ON c.oid = format('%I.%I', asked.schema, asked.name)::regclass
       LEFT JOIN pg_stats s ON s.schemaname = asked.schema AND s.tablename = asked.name AND s.attname = asked."column" AND NOT s.inherited`,
    [
      tables.map(({ schema }) => schema),
      tables.map(({ name }) => name),
      tables.map(({ softDelete }) => softDelete.column),
      tables.map(({ softDelete }) => softDelete.kind === "boolean"),
    ],
  );
  return new Map(rows.map(({ rows, marked, ...table }) => [quoteTable(table), { rows, marked }]));
}
