import pg from "pg";
import { byEntryId, isEntryId } from "../../audit/entry-id.ts";
import { Refusal } from "../../errors.ts";
import type { SoftDelete } from "../../schema/fleet.ts";
import type { ManagedTable } from "../managed.ts";
import { keyRecord, quote, quoteTable, sameKey } from "../row-key.ts";

/** A row as it was, as jsonb text, and where that is known from. */
export interface RowImage {
  kind: "hard" | "soft";
  entry: string | null;
  schema: string;
  table: string;
  record: string | null;
  tenant: string | null;
  json: string;
}

/** The before-image of a hard deletion. */
export async function deletedImage(client: pg.PoolClient, entry: string): Promise<RowImage> {
  const { rows } = isEntryId(entry)
    ? await client.query<Omit<RowImage, "kind" | "entry"> & { action: string }>(
        `SELECT action, resource_schema AS schema, resource_type AS "table", resource_id AS record, tenant_id AS tenant,
                old_values::text AS json
           FROM caretaker.audit_logs WHERE ${byEntryId("$1")}`,
        [entry],
      )
    : { rows: [] };
  const [row] = rows;
  if (!row)
    throw new Refusal("not_found", `The audit log has no entry ${entry}.`, { fix: "It may be past its retention." });
  if (row.action !== "delete" || row.json === null) {
    throw new Refusal("invalid", "This entry records no deleted row.", { fix: "Choose the entry that deleted it." });
  }
  const { action: _action, ...image } = row;
  return { kind: "hard", entry, ...image };
}

/** A soft-deleted row as it stands, locked when it is about to be restored. */
export async function markedImage(
  client: pg.PoolClient,
  table: ManagedTable,
  record: string,
  lock: boolean,
): Promise<RowImage> {
  const { softDelete } = table;
  if (softDelete === null || table.primaryKey.length === 0) {
    throw new Refusal("invalid", `${table.schema}.${table.name} has no column that marks deleted rows.`, {
      fix: "Restore the row from the audit entry that deleted it.",
    });
  }
  const row = await markedRow(client, table, softDelete, record, lock);
  if (!row) {
    throw new Refusal("not_found", `${table.name} has no row ${record} any more.`, {
      fix: "Look for its hard deletion in the list of deleted records.",
    });
  }
  if (!row.deleted)
    throw new Refusal("conflict", `The row ${record} is live already.`, { fix: "Nothing needs to be restored." });
  return { kind: "soft", entry: null, schema: table.schema, table: table.name, record, tenant: null, json: row.json };
}

/** The row of a canonical key; a text that cannot be such a key names no row. */
async function markedRow(
  client: pg.PoolClient,
  table: ManagedTable,
  { column, kind }: SoftDelete,
  record: string,
  lock: boolean,
): Promise<{ json: string; deleted: boolean } | null> {
  try {
    const { rows } = await client.query<{ json: string; deleted: boolean }>(
      `SELECT to_jsonb(t)::text AS json, t.${quote(column)} ${kind === "boolean" ? "IS TRUE" : "IS NOT NULL"} AS deleted
         FROM ${quoteTable(table)} AS t
         JOIN ${keyRecord(table, table.primaryKey, "$1")} AS asked ON ${sameKey("t", "asked", table.primaryKey)}
        ${lock ? "FOR UPDATE OF t" : ""}`,
      [record],
    );
    return rows[0] ?? null;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code?.startsWith("22")) return null;
    throw error;
  }
}
