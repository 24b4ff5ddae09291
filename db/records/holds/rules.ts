import pg from "pg";
import type { HoldRule } from "../../audit/retention/contract.ts";
import { Refusal } from "../../errors.ts";
import { consoleDatabase, withDatabase } from "../../fleet.ts";
import { textOf } from "../../managed/capture/columns.ts";
import { foreignKeysTo } from "../../managed/foreign-keys.ts";
import { columnNamed, covers, type HoldableTable, keyColumnsOf } from "../../managed/holds/rule.ts";
import { identifier } from "../../managed/statement.ts";
import { keyRecord, keyText } from "../row-key.ts";
import type { ParsedHold } from "./contract.ts";
import { holdableTables, modelOf } from "./tables.ts";

/**
 * What a hold comes to in its database, with keys and values as the audit log writes them. A hold that is about every database
 * names things by their words only.
 */
export async function rulesFor(input: ParsedHold): Promise<HoldRule[]> {
  const { databaseId, tenant } = input;
  const [schema = null, table = null] = input.table?.split(".") ?? [];
  const rule: HoldRule = { schema, table, tenant, record: input.record, values: input.where };
  if (databaseId === null || databaseId === consoleDatabase) return [rule];
  const model = await modelOf(databaseId);
  return withDatabase(databaseId, async (client) => {
    const tables = await holdableTables(client, model);
    if (input.kind === "person") return personRules(client, tables, model.usersTable, input);
    if (table === null) return [rule];
    const found = tables.find((one) => one.schema === schema && one.name === table);
    if (!found) throw invalid("table", "There is no such table in the model of this database.");
    const missing = Object.keys(rule.values).find((name) => !columnNamed(found, name));
    if (missing !== undefined) throw invalid("where", `${input.table} has no column ${missing}.`);
    if (rule.record !== null && keyColumnsOf(found).length === 0) throw invalid("record", `${input.table} has no key.`);
    if (!covers(rule, found)) throw invalid("tenant", `Rows of ${input.table} do not say that they are this tenant's.`);
    return [{ ...rule, ...(await asWritten(client, found, rule)) }];
  });
}

/** The rows that name a person: their own, and all that point at it by a foreign key. */
async function personRules(
  client: pg.ClientBase,
  tables: readonly HoldableTable[],
  users: { schema: string; table: string; key: string } | null,
  { person, tenant }: ParsedHold,
): Promise<HoldRule[]> {
  const own = users && tables.find((one) => one.schema === users.schema && one.name === users.table);
  if (!users || !own) {
    throw invalid("person", "The model of this database names no table of users.", "Choose it under Databases first.");
  }
  const asked: HoldRule = {
    schema: own.schema,
    table: own.name,
    tenant,
    record: null,
    values: { [users.key]: person ?? "" },
  };
  const { values } = await asWritten(client, own, asked, "person");
  const key = values[users.key] ?? "";
  const pointing = (await foreignKeysTo(client, [users])).flatMap(({ schema, table, columns, parentColumns }) => {
    const column = columns[parentColumns.indexOf(users.key)];
    return column === undefined || columns.length > 1
      ? []
      : [{ schema, table, tenant: null, record: null, values: { [column]: key } }];
  });
  return [{ ...asked, tenant: null, values }, ...pointing];
}

/** Keys and values in the words of the log: "007" of a number is "7". */
async function asWritten(
  client: pg.ClientBase,
  table: HoldableTable,
  { record, values }: HoldRule,
  field = "where",
): Promise<Pick<HoldRule, "record" | "values">> {
  const written: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const column = columnNamed(table, name);
    if (!column) continue;
    const sql = `SELECT ${textOf(column, "v")} AS text FROM (SELECT $1::${column.type} AS ${identifier(name)}) AS v`;
    written[name] = await readAs(client, sql, value, field, `${value} is no value of ${name}.`);
  }
  if (record === null) return { record, values: written };
  const key = keyColumnsOf(table);
  const sql = `SELECT ${keyText("k", key)} AS text FROM ${keyRecord(key, "$1", "k")}`;
  return {
    record: await readAs(client, sql, record, "record", `${record} is no key of ${table.schema}.${table.name}.`),
    values: written,
  };
}

async function readAs(
  client: pg.ClientBase,
  sql: string,
  value: string,
  field: string,
  message: string,
): Promise<string> {
  try {
    const { rows } = await client.query<{ text: string | null }>(sql, [value]);
    const [row] = rows;
    if (row?.text != null) return row.text;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code?.startsWith("22"))) throw error;
  }
  throw invalid(field, message);
}

function invalid(field: string, message: string, fix?: string): Refusal {
  return new Refusal("invalid", message, { fieldErrors: { [field]: message }, ...(fix === undefined ? {} : { fix }) });
}
