import { type Actor, authorise } from "../actor.ts";
import { lostWay } from "./classify/lost-way.ts";
import { type TableKey, tableKey } from "./classify/table-key.ts";
import type { Declared } from "./classify.ts";
import type { DatabaseModel, ProposedModel, TableModel } from "./contract.ts";
import { type ColumnClasses, readColumnClasses } from "./coverage/column-classes.ts";
import { isOpen } from "./plan/secrets.ts";
import { proposeModel } from "./propose.ts";
import { modelHash, readStoredModel } from "./stored-model.ts";

export interface ModelToEdit extends ProposedModel {
  /** Whether an administrator confirmed a model before. */
  confirmed: boolean;
  /** "schema.table" of tables that were not in the confirmed model. */
  news: string[];
  /** What `confirmModel` compares with the model that is confirmed by then. */
  basis: string;
}

export interface ToEdit extends Declared {
  /** Everything as the catalog suggests it, whatever was confirmed. */
  anew?: boolean;
}

/** What an administrator corrects: the confirmed model, with what has come since as proposed; or the proposal alone. */
export async function modelToEdit(
  actor: Actor,
  databaseId: string,
  { anew = false, ...declared }: ToEdit = {},
): Promise<ModelToEdit> {
  authorise(actor, "databases.manage");
  const { model: stored } = await readStoredModel(databaseId);
  const known = { ownTenantKey: stored.ownTenantKey, homeDatabaseId: stored.homeDatabaseId, ...declared };
  const tenantsTable = stored.tenantsTable && { schema: stored.tenantsTable.schema, table: stored.tenantsTable.table };
  const confirmed = stored.tables.length > 0;
  const kept = confirmed && declared.tenantsTable === undefined && !anew;
  const basis = modelHash(stored);
  const proposed = await proposeModel(actor, databaseId, kept ? { ...known, tenantsTable } : known);
  if (!kept) return { ...proposed, confirmed, news: [], basis };
  return { ...merge(stored, proposed, await readColumnClasses(databaseId)), basis };
}

function merge(stored: DatabaseModel, proposed: ProposedModel, classes: ColumnClasses): Omit<ModelToEdit, "basis"> {
  const known = new Map(stored.tables.map((table) => [tableKey(table), table]));
  const columns = new Map(proposed.evidence.map((one) => [tableKey(one), one.columns.map((column) => column.name)]));
  const tables = proposed.tables.map((table) => {
    const before = known.get(tableKey(table));
    if (!before) return table;
    const secrets = table.maskedColumns.filter((column) => isOpen(classes, table, column));
    return withoutGone(before, { ...table, maskedColumns: secrets }, columns);
  });
  const news = proposed.tables
    .filter((table) => !known.has(tableKey(table)))
    .map(({ schema, name }) => `${schema}.${name}`);
  const { tenantsTable, usersTable, applicationRole, ownTenantKey, homeDatabaseId } = stored;
  return {
    ...proposed,
    tenantsTable,
    usersTable,
    applicationRole,
    ownTenantKey,
    homeDatabaseId,
    tables,
    confirmed: true,
    news,
  };
}

/**
 * What was confirmed, without the columns that the table no longer has; where its tenant or its way to one was, the proposal stands in. What is named
 * like a secret, unless people have said that it is none, is masked from now on, whether it is new or has a new name.
 */
function withoutGone(before: TableModel, proposed: TableModel, columns: ReadonlyMap<TableKey, string[]>): TableModel {
  const has = (name: string): boolean => columns.get(tableKey(before))?.includes(name) ?? false;
  const lost = before.tenantColumn === null ? lostWay(before, columns).length > 0 : !has(before.tenantColumn);
  const base = lost
    ? {
        ...before,
        class: proposed.class,
        tenantColumn: proposed.tenantColumn,
        tenantPath: proposed.tenantPath,
        reason: proposed.reason,
      }
    : before;
  const primaryKey = before.primaryKey.every(has) ? before.primaryKey : proposed.primaryKey;
  const secrets = proposed.maskedColumns.filter((name) => ![...primaryKey, base.tenantColumn].includes(name));
  return {
    ...base,
    primaryKey,
    softDelete: before.softDelete && has(before.softDelete.column) ? before.softDelete : proposed.softDelete,
    maskedColumns: [...new Set([...before.maskedColumns.filter(has), ...secrets])],
    ignoredColumns: before.ignoredColumns.filter(has),
  };
}
