import { activeViewStatements } from "./active-view.ts";
import { type CapturedTable, captureStatements, type TenantSource } from "./capture.ts";
import type { CatalogTable } from "./read-tables.ts";
import { rowSecurityStatements } from "./row-security.ts";
import type { Statement } from "./statement.ts";

/** What an administrator confirmed about a table, as its copy in a tenant's own schema or database takes it over. */
export interface AdoptedCopy {
  /** As it is in the target. */
  table: CatalogTable;
  owner: string;
  tenantColumn: string | null;
  /** The tenant whose rows alone it holds; null for a table that all tenants share. */
  tenantKey: string | null;
  audited: boolean;
  masked: readonly string[];
  ignored: readonly string[];
  rowSecurity: boolean;
  softDelete: { column: string; kind: "timestamp" | "boolean" } | null;
  activeView: boolean;
}

/** Capture, row security and live views for a tenant's own tables: what adoption gives to the tables they are copies of. */
export function ownTableStatements(
  copies: readonly AdoptedCopy[],
  roles: { application: string | null; caretaker: string },
): Statement[] {
  return copies.flatMap((copy) => [
    ...(copy.audited ? captureStatements(capturedCopy(copy)) : []),
    ...securityOf(copy, roles),
    ...(copy.activeView && copy.softDelete
      ? activeViewStatements(copy.table, copy.softDelete, roles.application, false)
      : []),
  ]);
}

function capturedCopy({ table, masked, ignored, ...copy }: AdoptedCopy): CapturedTable {
  const has = (name: string): boolean => table.columns.some((column) => column.name === name);
  return { ...table, tenant: tenantSource(copy), masked: masked.filter(has), ignored: ignored.filter(has) };
}

function tenantSource({
  tenantColumn,
  tenantKey,
}: Pick<AdoptedCopy, "tenantColumn" | "tenantKey">): TenantSource | null {
  if (tenantColumn !== null) return { kind: "column", column: tenantColumn };
  return tenantKey === null ? null : { kind: "constant", key: tenantKey };
}

function securityOf(
  { table, owner, tenantColumn, rowSecurity }: AdoptedCopy,
  { application, caretaker }: { application: string | null; caretaker: string },
): Statement[] {
  const column = table.columns.find(({ name }) => name === tenantColumn);
  if (!rowSecurity || application === null || !column) return [];
  const exempt = owner === caretaker || owner === application ? [] : [owner];
  const secured = { schema: table.schema, name: table.name, tenantColumn: column.name, tenantType: column.type };
  return rowSecurityStatements(secured, application, { exempt });
}
