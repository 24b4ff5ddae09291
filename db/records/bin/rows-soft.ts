import pg from "pg";
import { Values } from "../../audit/conditions.ts";
import { momentOf } from "../../audit/contract.ts";
import { keyText, quote, quoteTable } from "../../managed/row-key.ts";
import type { DeletedFilter } from "../contract.ts";
import { asColumn, utc } from "../mark-time.ts";
import { afterPlace, type Place } from "./rows-place.ts";
import type { SoftTable } from "./soft-tables.ts";

export interface SoftRow {
  schema: string;
  table: string;
  column: string;
  record: string;
  label: string | null;
  tenant: string | null;
  /** Null for a flag whose setting the audit log does not know. */
  at: string | null;
}

const moment = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

/** Rows that a table marks as deleted, newest first. Timed tables are read by their column, flagged ones by the audit log. */
export async function softDeleted(
  client: pg.PoolClient,
  table: SoftTable,
  source: string,
  filter: DeletedFilter,
  tenantKeys: readonly string[] | null,
  place: Place | null,
  limit: number,
): Promise<SoftRow[]> {
  const values = new Values();
  const column = `t.${quote(table.softDelete.column)}`;
  const timed = table.softDelete.kind === "timestamp";
  const at = timed ? utc(column, table.softType) : "coalesce(set_at.created_at, '-infinity')";
  const order = timed ? column : at;
  const record = keyText("t", table.key);
  const tie = `(${record}) COLLATE "C"`;
  const tenant = tenantText(table);
  const where = [timed ? `${column} IS NOT NULL` : column];

  const now = Date.now();
  const known = timed ? at : "set_at.created_at";
  if (filter.from !== undefined)
    where.push(`${known} >= ${values.add(momentOf(filter.from, "from", now))}::timestamptz`);
  if (filter.to !== undefined) where.push(`${known} < ${values.add(momentOf(filter.to, "to", now))}::timestamptz`);
  if (tenantKeys !== null) where.push(`${tenant} = ANY (${values.add(tenantKeys)}::text[])`);
  if (filter.record !== undefined) where.push(`${record} = ${values.add(filter.record)}`);
  if (place) {
    const time = timed
      ? asColumn(`${values.add(place.at)}::timestamptz`, table.softType)
      : `${values.add(place.at)}::timestamptz`;
    const key = source === place.source ? values.add(place.tie) : "''";
    where.push(afterPlace(place, source, { at: order, tie, time, key }));
  }
  const { rows } = await client.query<SoftRow>(
    `SELECT ${pg.escapeLiteral(table.schema)} AS schema, ${pg.escapeLiteral(table.name)} AS "table",
            ${pg.escapeLiteral(table.softDelete.column)} AS "column", ${record} AS record,
            ${table.label === null ? "NULL::text" : `left(t.${quote(table.label)}::text, 120)`} AS label, ${tenant} AS tenant,
            CASE WHEN isfinite(${at}) THEN to_char(${at} AT TIME ZONE 'UTC', ${moment}) END AS at
       FROM ${quoteTable(table)} AS t ${timed ? "" : flagSetAt(table, record)}
      WHERE ${where.join(" AND ")}
      ORDER BY ${order} DESC, ${tie} DESC LIMIT ${values.add(limit)}`,
    values.list,
  );
  return rows;
}

/** When a flag was last set, as far as the audit log knows. */
function flagSetAt(table: SoftTable, record: string): string {
  return `LEFT JOIN LATERAL (
            SELECT log.created_at FROM caretaker.audit_logs AS log
             WHERE log.resource_schema = ${pg.escapeLiteral(table.schema)} AND log.resource_type = ${pg.escapeLiteral(table.name)}
               AND log.resource_id = ${record} AND log.action = 'update' AND log.changes ? ${pg.escapeLiteral(table.softDelete.column)}
             ORDER BY log.created_at DESC, log.id DESC LIMIT 1) AS set_at ON true`;
}

/** The row's tenant key: its own column, or the nearest ancestor's. */
function tenantText(table: SoftTable): string {
  if (table.tenantConstant !== null) return pg.escapeLiteral(table.tenantConstant);
  if (table.tenantColumn === null) return "NULL::text";
  if (table.tenantPath.length === 0) return `t.${quote(table.tenantColumn)}::text`;
  const joins = table.tenantPath.map((step, at) => {
    const child = at === 0 ? "t" : `p${at - 1}`;
    const on = step.columns.map(
      (column, k) => `p${at}.${quote(step.parentColumns[k] ?? "")} = ${child}.${quote(column)}`,
    );
    return { from: `${quoteTable({ schema: step.schema, name: step.table })} AS p${at}`, on: on.join(" AND ") };
  });
  return `(SELECT p${joins.length - 1}.${quote(table.tenantColumn)}::text
             FROM ${joins.map(({ from }) => from).join(", ")} WHERE ${joins.map(({ on }) => on).join(" AND ")})`;
}
