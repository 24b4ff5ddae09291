import type { DuckDBConnection } from "@duckdb/node-api";
import { type Position, Values } from "../conditions.ts";
import type { EntryRow } from "../entry-row.ts";
import type { IsTerm, RangeTerm, Term } from "../query/terms.ts";
import { addressesMeant } from "./addresses.ts";
import { coldTermSql } from "./conditions.ts";
import { quoted } from "./duck.ts";

/** The columns of a list's entry, as db/audit/entry-row.ts has them for the log; all are text. */
export const coldColumns = `
  id::VARCHAR AS id, strftime(created_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') AS at,
  action, resource_schema AS "schema", resource_type AS "table", resource_id AS record,
  tenant_id AS tenant, user_id AS "userId", split_part(ip_address, '/', 1) AS ip, user_agent AS "userAgent",
  request_id AS request, transaction_id::VARCHAR AS "transaction",
  json_extract_string(metadata, '/reason') AS reason, json_extract_string(metadata, '/role') AS role,
  json_extract_string(metadata, '/application') AS application, json_extract_string(metadata, '/rows') AS "rows",
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
  const where = await coldConditions(duck, file, values, terms);
  if (position !== null) {
    const at = `${values.add(position.at)}::TIMESTAMPTZ`;
    const id = `${values.add(position.id)}::BIGINT`;
    where.push(`(created_at < ${at} OR (created_at = ${at} AND id ${position.shown ? "<" : "<="} ${id}))`);
  }
  return coldRows(
    duck,
    `SELECT ${coldColumns} FROM read_parquet(${quoted(file)}) AS entries
      ${where.length === 0 ? "" : `WHERE ${where.join(" AND ")}`}
      ORDER BY entries.created_at DESC, entries.id DESC LIMIT ${limit}`,
    values,
  );
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
  return reader.getRowObjectsJson().map((row) => toRow(row));
}

function toRow(row: Record<string, unknown>): EntryRow {
  const text = (name: string) => {
    const value = row[name];
    return value === null || value === undefined ? null : String(value);
  };
  const changed: unknown = JSON.parse(text("changed") ?? "[]");
  return {
    id: text("id") ?? "",
    at: text("at") ?? "",
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
    changed: Array.isArray(changed) ? changed.map(String) : [],
  };
}

async function addressesIn(duck: DuckDBConnection, file: string): Promise<string[]> {
  const reader = await duck.runAndReadAll(
    `SELECT DISTINCT ip_address FROM read_parquet(${quoted(file)}) WHERE ip_address IS NOT NULL`,
  );
  return reader.getRows().map(([value]) => String(value));
}
