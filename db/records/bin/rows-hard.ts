import type pg from "pg";
import type { Values } from "../../audit/conditions.ts";
import { type EntryRow, entryColumns } from "../../audit/entry-row.ts";
import { newestEntries } from "../../audit/newest-entries.ts";
import { termsOf } from "../../audit/query/named.ts";
import { is } from "../../audit/query/terms.ts";
import type { DeletedFilter } from "../contract.ts";
import { labelColumns } from "../label.ts";
import { afterPlace, noTime, type Place } from "./rows-place.ts";

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
  const { kind: _kind, database: _database, tenant: _tenant, ...asked } = filter;
  const terms = termsOf({ ...asked, action: ["delete"] });
  if (tenantKeys !== null) terms.push(is("tenant", ...tenantKeys));
  const more = (values: Values) => [neverCreatedAgain, ...(place ? [afterPlaceIn(values, source, place)] : [])];
  return newestEntries(client, hardColumns, { terms, position: null, limit, more, until: place?.at });
}

const hardColumns = `${entryColumns},
  coalesce(${labelColumns.map((column) => `old_values ->> '${column}'`).join(", ")}) AS label,
  old_values::text LIKE '%"masked:%' AS masked`;

const neverCreatedAgain = `NOT EXISTS (
  SELECT FROM caretaker.audit_logs AS again
   WHERE again.resource_type = audit_logs.resource_type AND again.resource_id = audit_logs.resource_id
     AND again.resource_schema = audit_logs.resource_schema AND again.action = 'create'
     AND again.created_at >= audit_logs.created_at AND again.id > audit_logs.id)`;

function afterPlaceIn(values: Values, source: string, place: Place): string {
  const time = `${values.add(place.at)}::timestamptz`;
  const key = source === place.source ? `${values.add(place.tie)}::bigint` : "0";
  return afterPlace(place, source, { at: "created_at", tie: "id", time, key });
}
