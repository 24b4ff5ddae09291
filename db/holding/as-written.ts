import pg from "pg";
import type { HoldRule } from "../audit/retention/contract.ts";
import { Refusal } from "../errors.ts";
import { type Column, textOf } from "../managed/capture/columns.ts";
import { columnNamed, type HoldableTable, keyColumnsOf } from "../managed/holds/rule.ts";
import { keyRecord, keyText } from "../managed/row-key.ts";
import { identifier } from "../managed/statement.ts";

/** Keys and values in the words of the log: "007" of a number is "7". */
export async function asWritten(
  client: pg.ClientBase,
  table: HoldableTable,
  { record, values }: Pick<HoldRule, "record" | "values">,
  field = "where",
): Promise<Pick<HoldRule, "record" | "values">> {
  const written: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const column = columnNamed(table, name);
    if (!column) continue;
    const text = await wordOf(client, column, value);
    if (text === null) throw invalid(field, `${value} is no value of ${name}.`);
    written[name] = text;
  }
  if (record === null) return { record, values: written };
  const key = keyColumnsOf(table);
  const text = await readAs(client, `SELECT ${keyText("k", key)} AS text FROM ${keyRecord(key, "$1", "k")}`, record);
  if (text === null) throw invalid("record", `${record} is no key of ${table.schema}.${table.name}.`);
  return { record: text, values: written };
}

/** A value, of a column of type `from`, as the log writes it in this column; null where the column cannot hold it. */
export function wordOf(
  client: pg.ClientBase,
  column: Column,
  value: string,
  from = column.type,
): Promise<string | null> {
  const sql = `SELECT ${textOf(column, "v")} AS text FROM (SELECT $1::${from}::${column.type} AS ${identifier(column.name)}) AS v`;
  return readAs(client, sql, value);
}

async function readAs(client: pg.ClientBase, sql: string, value: string): Promise<string | null> {
  await client.query("SAVEPOINT reading");
  try {
    const { rows } = await client.query<{ text: string | null }>(sql, [value]);
    return rows[0]?.text ?? null;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code?.startsWith("22"))) throw error;
    await client.query("ROLLBACK TO SAVEPOINT reading");
    return null;
  }
}

export function invalid(field: string, message: string, fix?: string): Refusal {
  return new Refusal("invalid", message, { fieldErrors: { [field]: message }, ...(fix === undefined ? {} : { fix }) });
}
