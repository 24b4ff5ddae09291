import type { DuckDBConnection } from "@duckdb/node-api";
import { type Position, Values } from "../conditions.ts";
import type { EntryRow } from "../entry-row.ts";
import { archivedText } from "../query/columns.ts";
import type { IsTerm, RangeTerm, Term } from "../query/terms.ts";
import { affectedRows } from "../story-count.ts";
import { addressesMeant } from "./addresses.ts";
import { coldTermSql } from "./conditions.ts";
import { quoted } from "./duck.ts";
import { fromFiles } from "./log.ts";

/** The columns of a list's entry, as db/audit/entry-row.ts has them for the log; all are text. */
export const coldColumns = `
  id::VARCHAR AS id, strftime(created_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') AS at,
  action, resource_schema AS "schema", resource_type AS "table", resource_id AS record,
  tenant_id AS tenant, user_id AS "userId", split_part(ip_address, '/', 1) AS ip, user_agent AS "userAgent",
  request_id AS request, transaction_id::VARCHAR AS "transaction",
  json_extract_string(metadata, '/reason') AS reason, json_extract_string(metadata, '/role') AS role,
  json_extract_string(metadata, '/application') AS application,
  CASE WHEN action = 'truncate' THEN json_extract_string(metadata, '/rows') END AS "rows", ${affectedRows(archivedText)} AS affected,
  json_extract_string(metadata, '/impersonator') AS "impersonatorId", json_extract_string(metadata, '/api_key') AS "apiKey",
  CASE WHEN action = 'update' THEN to_json(list_sort(json_keys(changes))[:20])::VARCHAR ELSE '[]' END AS changed`;

/** The newest entries of one archived month that the terms mean. The terms stand as they do in the month's database. */
export async function askFile(
  duck: DuckDBConnection,
  file: string,
  terms: readonly Term[],
  position: Position | null,
  limit: number,
): Promise<EntryRow[]> {
  const values = new Values();
  const where = [...(await coldConditions(duck, file, values, terms)), ...after(values, position)];
  return coldRows(
    duck,
    `SELECT ${coldColumns} FROM ${fromFiles([file])} AS entries
      ${where.length === 0 ? "" : `WHERE ${where.join(" AND ")}`}
      ORDER BY entries.created_at DESC, entries.id DESC LIMIT ${limit}`,
    values,
  );
}

/** The entries after a position in a list, newest first. */
export function after(values: Values, position: Position | null): string[] {
  if (position === null) return [];
  const at = `${values.add(position.at)}::TIMESTAMPTZ`;
  const id = `${values.add(position.id)}::BIGINT`;
  return [`(created_at < ${at} OR (created_at = ${at} AND entries.id ${position.shown ? "<" : "<="} ${id}))`];
}

/** How many entries of one archived month the terms mean. */
export async function countInFile(duck: DuckDBConnection, file: string, terms: readonly Term[]): Promise<number> {
  const values = new Values();
  const where = await coldConditions(duck, file, values, terms);
  const reader = await duck.runAndReadAll(
    `SELECT count(*)::INT FROM ${fromFiles([file])} ${where.length === 0 ? "" : `WHERE ${where.join(" AND ")}`}`,
    values.list.map(String),
  );
  return Number(reader.getRows()[0]?.[0] ?? 0);
}

/** A filter's terms as conditions on one file. */
async function coldConditions(
  duck: DuckDBConnection,
  file: string,
  values: Values,
  terms: readonly Term[],
): Promise<string[]> {
  const now = Date.now();
  const isAddress = (term: Term): term is IsTerm | RangeTerm => term.op !== "text" && term.field === "ip";
  const texts = terms.some(isAddress) ? await addressesIn(duck, file) : [];
  return terms.map((term) =>
    coldTermSql(
      (value) => values.add(value),
      term,
      (asked) => addressesMeant(asked, texts),
      now,
    ),
  );
}

export async function coldRows(duck: DuckDBConnection, sql: string, values: Values): Promise<EntryRow[]> {
  const reader = await duck.runAndReadAll(sql, values.list.map(String));
  return reader.getRowObjectsJson().map(coldRow);
}

/** A row of `coldColumns` as an entry. */
export function coldRow(row: Record<string, unknown>): EntryRow {
  const text = (name: string) => {
    const value = row[name];
    return value === null || value === undefined ? null : String(value);
  };
  const changed: unknown = JSON.parse(text("changed") ?? "[]");
  const at = text("at") ?? "";
  return {
    id: text("id") ?? "",
    at,
    action: text("action") ?? "",
    schema: text("schema"),
    table: text("table"),
    record: text("record"),
    tenant: text("tenant"),
    userId: text("userId"),
    ip: text("ip"),
    userAgent: text("userAgent"),
    request: text("request"),
    transaction: text("transaction") ?? "",
    reason: text("reason"),
    role: text("role"),
    application: text("application"),
    rows: text("rows"),
    affected: Number(row.affected),
    impersonatorId: text("impersonatorId"),
    apiKey: text("apiKey"),
    archived: at.slice(0, 7),
    changed: Array.isArray(changed) ? changed.map(String) : [],
  };
}

async function addressesIn(duck: DuckDBConnection, file: string): Promise<string[]> {
  const reader = await duck.runAndReadAll(
    `SELECT DISTINCT ip_address FROM read_parquet(${quoted(file)}) WHERE ip_address IS NOT NULL`,
  );
  return reader.getRows().map(([value]) => String(value));
}
