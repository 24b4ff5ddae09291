import { keyRecord, quote, quoteTable, sameKey } from "../../../managed/row-key.ts";
import { literal } from "../../../managed/statement.ts";
import type { TableShape } from "../../table-shape.ts";
import { isJson } from "../check/columns.ts";
import { rows, willOf, written } from "../scratch.ts";
import { typed } from "../values.ts";
import { columnOf, keyOf, type Work, type WorkTable } from "../work.ts";
import { type Batch, isOf, type Step } from "./steps.ts";

/** The statement of a batch. It answers how many rows each of its steps wrote: `step`, `rows`. */
export function batchSql(work: Work, batch: Batch): string {
  const ctes = batch.flatMap((step) => {
    const table = tableOfStep(work, step);
    const name = `s${step.step}`;
    const own = `${name} AS (\n${stepSql(table, step)}\nRETURNING`;
    if (step.act !== "insert" || keyOf(table).length > 0) return [`${own} 1)`];
    return [`${own} to_jsonb(t) AS doc)`, keep(step.step)];
  });
  const counts = batch.map(({ step }) => `SELECT ${step} AS step, count(*)::int AS rows FROM s${step}`);
  return `WITH ${ctes.join(",\n")}\n${counts.join(" UNION ALL ")}`;
}

/** Rows without a key can be compared only as they were returned. */
function keep(step: number): string {
  return `k${step} AS (INSERT INTO ${written} (step, place, doc) SELECT ${step}, row_number() OVER (), doc FROM s${step})`;
}

export function tableOfStep(work: Work, { tab }: Step): WorkTable & { shape: TableShape } {
  const table = work.tables[tab];
  if (!table?.shape) throw new Error("A step writes to a table that is not there.");
  return { ...table, shape: table.shape };
}

/** What a step does, without what it answers. */
export function stepSql(table: WorkTable & { shape: TableShape }, step: Step): string {
  if (step.act === "insert") return insertSql(table, step);
  const key = keyOf(table);
  const from = `${rows} AS r CROSS JOIN LATERAL ${keyRecord(key, "r.record", "k")}`;
  const where = `${isOf(step, "r")} AND ${sameKey("t", "k", key)}`;
  if (step.act === "delete") return `DELETE FROM ${quoteTable(table)} AS t\n USING ${from}\n WHERE ${where}`;
  const columns = columnsOf(table.shape, step);
  const sets = columns.map(({ name }) => `${quote(name)} = v.${quote(name)}`);
  return `UPDATE ${quoteTable(table)} AS t SET ${sets.join(", ")}
  FROM ${from} CROSS JOIN LATERAL ${typed(willOf("r"), columns, "v")}
 WHERE ${where}`;
}

/** Generated columns are left to the database; identity columns keep their value, and their sequences stay where they are. */
function insertSql(table: WorkTable & { shape: TableShape }, step: Step): string {
  const columns = columnsOf(table.shape, step);
  const values = columns.map(({ name, baseType, nullable }) =>
    isJson(baseType) && !nullable ? `coalesce(v.${quote(name)}, ${literal("null")})` : `v.${quote(name)}`,
  );
  return `INSERT INTO ${quoteTable(table)} AS t (${columns.map(({ name }) => quote(name)).join(", ")}) OVERRIDING SYSTEM VALUE
SELECT ${values.join(", ")}
  FROM ${rows} AS r CROSS JOIN LATERAL ${typed(willOf("r"), columns, "v")}
 WHERE ${isOf(step, "r")} ORDER BY r.n`;
}

function columnsOf(shape: TableShape, { columns }: Step) {
  return shape.columns.filter(({ name }) => columns.includes(name) && columnOf(shape, name)?.generatedAs === null);
}
