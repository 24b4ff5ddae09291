import type pg from "pg";
import type { AuditEntry, EntryActor } from "./contract.ts";
import { loggedText } from "./query/columns.ts";
import type { AuditedDatabase } from "./scope.ts";
import { entrySentence } from "./sentence.ts";
import { affectedRows } from "./story-count.ts";

/** The columns of a list's entry. Times are text with all six digits; only the names of changed fields are sent. */
export const entryColumns = `
  id::text,
  to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at,
  action, resource_schema AS schema, resource_type AS "table", resource_id AS record,
  tenant_id AS tenant, user_id AS "userId", host(ip_address) AS ip, user_agent AS "userAgent",
  request_id AS request, transaction_id::text AS transaction,
  metadata ->> 'reason' AS reason, metadata ->> 'role' AS role,
  metadata ->> 'application' AS application, CASE WHEN action = 'truncate' THEN metadata ->> 'rows' END AS rows,
  (${affectedRows(loggedText)})::float8 AS affected,
  metadata ->> 'impersonator' AS "impersonatorId", metadata ->> 'api_key' AS "apiKey",
  CASE WHEN action = 'update'
       THEN ARRAY(SELECT key FROM jsonb_object_keys(changes) AS key ORDER BY key LIMIT 20)
       ELSE '{}' END AS changed`;

export interface EntryRow extends Omit<AuditEntry, "database" | "databaseName" | "actor" | "sentence"> {
  userId: string | null;
  role: string | null;
  application: string | null;
  impersonatorId?: string | null;
  apiKey?: string | null;
}

/** A row with its actor named, as the screens know it. */
export function toEntry(row: EntryRow, database: AuditedDatabase, names: ReadonlyMap<string, ActorName>): AuditEntry {
  const { userId, role, application, impersonatorId, apiKey, ...rest } = row;
  const known = userId === null ? undefined : names.get(userId);
  const actor: EntryActor = {
    id: userId,
    name: known?.name ?? null,
    kind: known?.kind ?? (userId === null ? "unknown" : "user"),
    role,
    application,
    ...(impersonatorId ? { impersonator: { id: impersonatorId, name: names.get(impersonatorId)?.name ?? null } } : {}),
    ...(apiKey ? { apiKey } : {}),
  };
  const of = { database: database.id, databaseName: database.name, ...(database.left && { left: database.left }) };
  const entry = { ...rest, actor, ...of };
  return { ...entry, sentence: entrySentence(entry) };
}

export interface ActorName {
  name: string | null;
  kind: "user" | "staff" | "system";
}

export async function entryRows(client: pg.PoolClient, text: string, values: unknown[]): Promise<EntryRow[]> {
  const { rows } = await client.query<EntryRow>(text, values);
  return rows;
}
