import type { CapturedTable } from "../../managed/capture.ts";
import type { SecuredTable } from "../../managed/row-security.ts";
import { tenantSourceOf } from "../../managed/tenant-source.ts";
import type { Catalog, CatalogTable } from "../catalog.ts";
import { tableKey } from "../classify/table-key.ts";
import type { DatabaseModel, TableModel } from "../contract.ts";

export interface Secured extends SecuredTable {
  owner: string;
}

/** What a model asks for, in terms of the catalog as it is now. Tables that are gone are left out. */
export interface Desired {
  captured: CapturedTable[];
  secured: Secured[];
  views: LiveView[];
  /** Captured tables whose removed rows are kept. */
  archived: CapturedTable[];
}

/** A view of a table's live rows. */
export interface LiveView {
  schema: string;
  name: string;
  softDelete: NonNullable<TableModel["softDelete"]>;
  /** The table's columns, all of which it shows. */
  columns: string[];
}

export function desiredOf(model: DatabaseModel, catalog: Catalog): Desired {
  const tables = new Map(catalog.tables.map((table) => [tableKey(table), table]));
  const present = model.tables.flatMap((table) => {
    const known = tables.get(tableKey(table));
    return known ? [{ table, known }] : [];
  });
  return {
    captured: present.filter(({ table }) => table.audited).map(({ table, known }) => capturedOf(table, known, model)),
    secured: present.filter(({ table }) => table.rowSecurity).flatMap(({ table, known }) => securedOf(table, known)),
    archived: present
      .filter(({ table }) => table.audited && table.archive)
      .map(({ table, known }) => capturedOf(table, known, model)),
    views: present.filter(({ table }) => table.activeView).flatMap(({ table, known }) => viewOf(table, known)),
  };
}

function capturedOf(table: TableModel, known: CatalogTable, model: DatabaseModel): CapturedTable {
  const has = (name: string): boolean => known.columns.some((column) => column.name === name);
  return {
    schema: table.schema,
    name: table.name,
    columns: known.columns.map(({ name, type, generated }) => ({ name, type, generated })),
    primaryKey: table.primaryKey.every(has) ? table.primaryKey : known.primaryKey,
    partitioned: known.kind === "partitioned",
    tenant: tenantSourceOf(table, model.tables, model.tenantsTable, has),
    masked: table.maskedColumns.filter(has),
    ignored: table.ignoredColumns.filter(has),
  };
}

function securedOf(table: TableModel, known: CatalogTable): Secured[] {
  const column = known.columns.find(({ name }) => name === table.tenantColumn);
  if (!column) return [];
  return [
    { schema: table.schema, name: table.name, tenantColumn: column.name, tenantType: column.type, owner: known.owner },
  ];
}

function viewOf({ schema, name, softDelete }: TableModel, known: CatalogTable): LiveView[] {
  const columns = known.columns.map((column) => column.name);
  return softDelete && columns.includes(softDelete.column) ? [{ schema, name, softDelete, columns }] : [];
}
