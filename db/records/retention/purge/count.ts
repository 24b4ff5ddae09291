import type pg from "pg";
import { holdOf } from "../../../managed/holds/refuse.ts";
import { tenantSql } from "../../../managed/holds/rule.ts";
import { quoteTable } from "../../../managed/row-key.ts";
import type { PurgeCount } from "../../../schema/purges.ts";
import { markedSql } from "../../mark-time.ts";
import type { DayCount, Simulation } from "../contract.ts";
import { dueSql, graceSql, markedAt } from "./due.ts";
import { blockedSql } from "./reach.ts";
import type { Scope } from "./scope.ts";

/** What is due now, by table and tenant: what goes, what a hold keeps, and what rows that stay keep. Children first. */
export async function countDue(
  client: pg.ClientBase,
  { tables, holds }: Scope,
  forecast: boolean,
): Promise<PurgeCount[]> {
  const counts: PurgeCount[] = [];
  for (const table of tables) {
    const { rows } = await client.query<Omit<PurgeCount, "table">>(
      `SELECT tenant, count(*) FILTER (WHERE hold IS NULL AND NOT blocked)::int AS rows,
              count(*) FILTER (WHERE hold IS NOT NULL)::int AS held, count(*) FILTER (WHERE hold IS NULL AND blocked)::int AS blocked
         FROM (SELECT ${tenantSql(table, "t")} AS tenant, ${holdOf(holds, table, "t")} AS hold,
                      ${blockedSql(table.reach, holds, "t", forecast)} AS blocked
                 FROM ${quoteTable(table)} AS t WHERE ${dueSql(table, "t")} OFFSET 0) AS due
        GROUP BY tenant ORDER BY tenant`,
    );
    counts.push(...rows.map((row) => ({ table: `${table.schema}.${table.name}`, ...row })));
  }
  return counts;
}

/** What goes on which day, if nothing changes. What is blocked is only known for what is due now. */
export async function simulate(
  client: pg.ClientBase,
  scope: Scope,
  horizonDays: number,
): Promise<Omit<Simulation, "names">> {
  const days: DayCount[] = [];
  const blocked: Simulation["blocked"] = [];
  const undated: Simulation["undated"] = [];
  const due = await countDue(client, scope, true);
  for (const table of scope.tables) {
    const name = `${table.schema}.${table.name}`;
    const { rows } = await client.query<Omit<DayCount, "table" | "day"> & { day: string | null }>(
      `SELECT to_char(CASE WHEN at IS NOT NULL THEN greatest(goes, now()) END AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, tenant,
              count(*) FILTER (WHERE hold IS NULL)::int AS rows, count(*) FILTER (WHERE hold IS NOT NULL)::int AS held
         FROM (SELECT ${tenantSql(table, "t")} AS tenant, ${holdOf(scope.holds, table, "t")} AS hold, ${graceSql(table, "t")} AS days,
                      ${markedAt(table, "t")} AS at, ${markedAt(table, "t")} + make_interval(days => ${graceSql(table, "t")}) AS goes
                 FROM ${quoteTable(table)} AS t WHERE ${markedSql(table.mark, "t")} OFFSET 0) AS marked
        WHERE days IS NOT NULL AND (at IS NULL OR goes < now() + make_interval(days => $1))
        GROUP BY 1, 2 ORDER BY 1, 2`,
      [horizonDays],
    );
    for (const { day, ...row } of rows) {
      if (day === null) undated.push({ table: name, rows: row.rows + row.held });
      else days.push({ day, table: name, ...row });
    }
    const stay = due.filter((one) => one.table === name).reduce((sum, one) => sum + one.blocked, 0);
    const by = [...new Set(table.reach.blockers.map(({ path }) => `${path.at(-1)?.schema}.${path.at(-1)?.table}`))];
    if (stay > 0) blocked.push({ table: name, rows: stay, by });
  }
  return { days: days.sort((a, b) => a.day.localeCompare(b.day)), blocked, undated, horizonDays };
}
