import type pg from "pg";
import { Values } from "../audit/conditions.ts";
import { type EntryRow, entryColumns } from "../audit/entry-row.ts";
import { termsOf } from "../audit/query/named.ts";
import { is } from "../audit/query/terms.ts";
import { entrySource } from "../audit/source.ts";
import type { DeletedFilter } from "./contract.ts";
import { labelColumns } from "./label.ts";
import { afterPlace, noTime, type Place } from "./place.ts";

export interface HardRow extends EntryRow {
  label: string | null;
  masked: boolean;
}

/** Deletions in the audit log whose record was not created again afterwards, newest first. */
export async function hardDeleted(
  client: pg.PoolClient,
  source: string,
  filter: DeletedFilter,
  tenantKeys: readonly string[] | null,
  place: Place | null,
  limit: number,
): Promise<HardRow[]> {
  if (place?.at === noTime) return [];
  const values = new Values();
  const { kind: _kind, database: _database, tenant: _tenant, ...asked } = filter;
  const terms = termsOf({ ...asked, action: ["delete"] });
  if (tenantKeys !== null) terms.push(is("tenant", ...tenantKeys));
  const more = (own: Values) => [neverCreatedAgain, ...(place ? olderThan(own, source, place) : [])];
  const entries = await entrySource(client, values, { terms, position: null, limit, more });
  const { rows } = await client.query<HardRow>(
    `SELECT ${entryColumns},
            coalesce(${labelColumns.map((column) => `old_values ->> '${column}'`).join(", ")}) AS label,
            old_values::text LIKE '%"masked:%' AS masked
       FROM ${entries}
      ORDER BY audit_logs.created_at DESC, audit_logs.id DESC LIMIT ${values.add(limit)}`,
    values.list,
  );
  return rows;
}

const neverCreatedAgain = `NOT EXISTS (
  SELECT FROM caretaker.audit_logs AS again
   WHERE again.resource_type = audit_logs.resource_type AND again.resource_id = audit_logs.resource_id
     AND again.resource_schema = audit_logs.resource_schema AND again.action = 'create'
     AND again.created_at >= audit_logs.created_at AND again.id > audit_logs.id)`;

function olderThan(values: Values, source: string, place: Place): string[] {
  const time = `${values.add(place.at)}::timestamptz`;
  if (source !== place.source) return [afterPlace(place, source, { at: "created_at", tie: "id", time, key: "0" })];
  const key = `${values.add(place.tie)}::bigint`;
  return [`created_at <= ${time}`, afterPlace(place, source, { at: "created_at", tie: "id", time, key })];
}
