/** What a list of entries shows when the address names no columns. */
export const usualColumns = ["sentence", "record", "tenant", "database", "when"];

/** The columns that can be chosen; the sentence is always there. */
export const choosableColumns = [
  { id: "sentence", header: "What happened" },
  { id: "action", header: "Action" },
  { id: "table", header: "Table" },
  { id: "record", header: "Record" },
  { id: "actor", header: "Actor" },
  { id: "tenant", header: "Tenant" },
  { id: "database", header: "Database" },
  { id: "changed", header: "Changed" },
  { id: "ip", header: "Address" },
  { id: "request", header: "Request" },
  { id: "tx", header: "Transaction" },
  { id: "reason", header: "Reason" },
  { id: "app", header: "Application" },
  { id: "when", header: "When" },
];

/** The chosen columns of an address; the sentence leads always. */
export function readColumns(text: string | undefined): string[] {
  const known = new Set(choosableColumns.map(({ id }) => id));
  const chosen = (text ?? "").split(",").filter((id) => known.has(id));
  return chosen.length === 0 ? usualColumns : ["sentence", ...chosen.filter((id) => id !== "sentence")];
}
