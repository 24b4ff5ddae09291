import { createHash } from "node:crypto";
import { and, asc, eq, isNull } from "drizzle-orm";
import { type Control, control } from "../control.ts";
import { Refusal } from "../errors.ts";
import { databases, managedTables } from "../schema/fleet.ts";
import type { DatabaseModel, TableModel } from "./contract.ts";

export type DatabaseRow = typeof databases.$inferSelect;

export interface StoredModel {
  database: DatabaseRow;
  model: DatabaseModel;
}

/** A database of the fleet and the model an administrator confirmed for it; no tables when none was confirmed yet. */
export async function readStoredModel(databaseId: string, tx: Control = control()): Promise<StoredModel> {
  const database = await readDatabaseRow(databaseId, tx);
  const rows = await tx
    .select()
    .from(managedTables)
    .where(eq(managedTables.databaseId, databaseId))
    .orderBy(asc(managedTables.schema), asc(managedTables.name));
  const { tenantsTable, usersTable, applicationRole, ownTenantKey, homeDatabaseId } = database;
  return {
    database,
    model: { tenantsTable, usersTable, applicationRole, ownTenantKey, homeDatabaseId, tables: rows.map(toTableModel) },
  };
}

/** Tells one confirmed model from another; see `confirmModelInput`. */
export function modelHash(model: DatabaseModel): string {
  return createHash("sha256").update(JSON.stringify(model)).digest("hex");
}

export async function readDatabaseRow(databaseId: string, tx: Control = control()): Promise<DatabaseRow> {
  const [row] = await tx
    .select()
    .from(databases)
    .where(and(eq(databases.id, databaseId), isNull(databases.releasedAt)));
  if (row) return row;
  throw new Refusal("not_found", "There is no such database in the fleet.", { fix: "Choose one from Databases." });
}

function toTableModel(row: typeof managedTables.$inferSelect): TableModel {
  const { id: _id, databaseId: _databaseId, confirmedAt: _confirmedAt, ...model } = row;
  return model;
}
