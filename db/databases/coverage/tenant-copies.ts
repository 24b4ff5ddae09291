import type { DatabaseModel, TableModel } from "../contract.ts";

/** A table in a tenant's own schema, and the one that speaks for it. */
export interface TenantCopy {
  copy: TableModel;
  speaker: TableModel;
}

/**
 * Where each tenant has a schema of its own, the same table stands there once a tenant. What somebody says of its columns in one of
 * them holds for all: the one that all tenants share, or else the first of them, speaks for the others.
 */
export function tenantCopies(model: DatabaseModel): TenantCopy[] {
  const audited = model.tables.filter((table) => table.audited);
  const own = audited.filter((table) => table.tenantConstant !== null);
  const shared = audited.filter((table) => table.tenantConstant === null);
  // The last one of a name stays: any shared table, else the first tenant's.
  const speakers = new Map([...own.toReversed(), ...shared].map((table) => [table.name, table]));
  return own.flatMap((copy) => {
    const speaker = speakers.get(copy.name);
    return speaker && speaker !== copy ? [{ copy, speaker }] : [];
  });
}
