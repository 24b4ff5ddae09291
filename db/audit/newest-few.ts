import type pg from "pg";
import type { Values } from "./conditions.ts";
import { newestFirst, type Part, whereOf } from "./newest-sql.ts";

/** Fewer entries than these are read whole, to find the newest that match. */
export const fewMax = 2_000;

/** A row of a page; what else it holds is up to its columns. */
export interface PageRow extends pg.QueryResultRow {
  id: string;
}

export interface Among<Row> {
  rows: Row[];
  /** How many entries they were chosen from. */
  held: number;
}

/** The page of what `sql` selects, whole rows, that holds `where` as well. */
export async function pageAmong<Row extends PageRow>(
  client: pg.ClientBase,
  columns: string,
  values: Values,
  sql: string,
  where: readonly string[],
  limit: number,
): Promise<Among<Row>> {
  const { rows } = await client.query<Row & { held: number }>(
    `WITH held AS MATERIALIZED (${sql})
     SELECT counted.held, page.*
       FROM (SELECT count(*)::int AS held FROM held) AS counted
       LEFT JOIN LATERAL (
         SELECT ${columns} FROM (SELECT * FROM held AS audit_logs ${newestFirst}) AS audit_logs
         ${where.length === 0 ? "" : `WHERE ${where.join(" AND ")}`} ${newestFirst} LIMIT ${values.add(limit)}) AS page ON true`,
    values.list,
  );
  const held = rows[0]?.held ?? 0;
  const found = rows.filter(({ id }) => id !== null);
  for (const row of found) Reflect.deleteProperty(row, "held");
  return { rows: found, held };
}

/**
 * SELECT of a part's entries, whole, in no order, at most `fewMax`, that hold one of `ways` as well; these must exclude each other. One
 * condition for all indexes takes the planner a fraction of a walk along each. It plans for all entries behind a CTE; with the limit in its
 * sight it would read whole months, hoping to meet enough.
 */
export function fewSql(values: Values, part: Part, ways: readonly string[] = ["true"]): string {
  const where = ["true", ...whereOf(values, part)].join(" AND ");
  const entries = ways.map((way) => `SELECT * FROM caretaker.audit_logs WHERE ${way} AND ${where}`);
  return `WITH few AS MATERIALIZED (${entries.join(" UNION ALL ")}) SELECT * FROM few LIMIT ${fewMax}`;
}
