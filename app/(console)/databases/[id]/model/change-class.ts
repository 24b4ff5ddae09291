import type { TableEvidence, TableModel } from "#db/databases/contract.ts";

/** The classes a table can be given: "child" only where a way by foreign keys was found. */
export function classChoices(proposed: TableModel) {
  return [
    { value: "tenant", label: "tenant" },
    { value: "child", label: "child", disabled: proposed.tenantPath.length === 0 },
    { value: "reference", label: "reference" },
    { value: "ignored", label: "ignored" },
  ];
}

/** The table in another class, with what that class needs: the tenant's column, or the way that was proposed. */
export function withClass(
  table: TableModel,
  proposed: TableModel,
  value: string,
  columns: TableEvidence["columns"],
): TableModel {
  const plain = { ...table, tenantColumn: null, tenantPath: [], tenantConstant: null, rowSecurity: false };
  if (value === "tenant") {
    const column =
      proposed.tenantColumn ??
      columns.find(({ name }) => /tenant|org|account|company|team/i.test(name))?.name ??
      columns[0]?.name;
    const tenantColumn = proposed.tenantConstant === null ? (column ?? null) : null;
    return { ...plain, class: "tenant", tenantColumn, tenantConstant: proposed.tenantConstant, audited: true };
  }
  if (value === "child") return { ...plain, class: "child", tenantPath: proposed.tenantPath, audited: true };
  if (value === "reference") return { ...plain, class: "reference", audited: true };
  return { ...plain, class: "ignored", audited: false };
}
