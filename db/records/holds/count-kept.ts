import type pg from "pg";
import { holdableTables, type Model, schemasAbout } from "../../holding/tables.ts";
import { hiddenTables } from "../../managed/hidden-tables.ts";
import { covers, type Hold, type HoldableTable, type HoldRule, keptSql } from "../../managed/holds/rule.ts";
import { relation } from "../../managed/statement.ts";
import type { KeptRows } from "./contract.ts";

const countedMax = 10_000;
const eachMs = 300;
const allMs = 1_500;

/** How many rows each hold keeps in a database now, as far as that can be counted in 1.5 seconds; no number where none could. */
export async function countKept(
  client: pg.ClientBase,
  model: Model,
  holds: readonly Pick<Hold, "id" | "rules">[],
): Promise<Map<string, KeptRows>> {
  const until = performance.now() + allMs;
  const known = new Map<string, HoldableTable[]>();
  const counts = new Map<string, KeptRows>();
  for (const { id, rules } of holds) {
    const count: KeptRows = { rows: 0, exact: true };
    for (const schema of schemasAbout(model, rules)) {
      if (performance.now() > until) count.exact = false;
      if (!count.exact || count.rows >= countedMax) break;
      const tables = known.get(schema) ?? (await holdableTables(client, model, new Set([schema])));
      known.set(schema, tables);
      await countIn(client, tables, rules, count, until);
    }
    if (count.rows > 0 || count.exact) counts.set(id, count);
  }
  return counts;
}

/** Adds the rows of these tables. Where row security hides rows from the console's role, or the time is over, there may be more. */
async function countIn(
  client: pg.ClientBase,
  tables: readonly HoldableTable[],
  rules: readonly HoldRule[],
  count: KeptRows,
  until: number,
): Promise<void> {
  const covered = tables.filter((table) => rules.some((rule) => covers(rule, table)));
  const hidden = new Set(await hiddenTables(client, covered));
  for (const table of covered) {
    if (count.rows >= countedMax) break;
    const leftMs = Math.min(eachMs, Math.ceil(until - performance.now()));
    const open = leftMs > 0 && !hidden.has(`${table.schema}.${table.name}`);
    const rows = open ? await rowsOf(client, table, rules, countedMax - count.rows, leftMs) : null;
    count.rows += rows ?? 0;
    count.exact &&= rows !== null;
  }
  if (count.rows >= countedMax) count.exact = false;
}

/** Null when it takes too long; a savepoint keeps the rest of the transaction. */
async function rowsOf(
  client: pg.ClientBase,
  table: HoldableTable,
  rules: readonly HoldRule[],
  most: number,
  timeoutMs: number,
): Promise<number | null> {
  const kept = rules.filter((rule) => covers(rule, table)).map((rule) => keptSql(rule, table, "t"));
  await client.query(`SAVEPOINT kept; SET LOCAL statement_timeout = ${timeoutMs}`);
  try {
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count
         FROM (SELECT FROM ${relation(table.schema, table.name)} AS t WHERE ${kept.join(" OR ")} LIMIT ${most}) AS kept`,
    );
    return rows[0]?.count ?? 0;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && (error.code === "57014" || error.code === "55P03"))) throw error;
    return null;
  } finally {
    await client.query("ROLLBACK TO kept");
  }
}
