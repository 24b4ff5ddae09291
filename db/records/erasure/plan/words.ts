import type { FoundEntries, FoundTable } from "../find/findings.ts";

/** How rows of a finding name the person, in one sentence. */
export function howOf({ kind, via, depth, columns }: FoundTable): string {
  const named = columns.map(({ name }) => name).join(", ");
  switch (kind) {
    case "own":
      return "The person's own row.";
    case "path":
      return depth === 1
        ? `They point at the person's row by ${via?.columns.join(", ")}.`
        : `They hang from rows of ${via?.parent} by ${via?.columns.join(", ")}, ${depth} steps from the person's.`;
    case "column":
      return `A word stands in ${named}, which ${columns.length === 1 ? "holds" : "hold"} personal values.`;
    case "text":
      return `A word stands somewhere in ${named}.`;
  }
}

export const noColumns =
  "No column of this table is confirmed as personal: confirm them under Audit, Coverage, name them for this search, delete the row, or keep it with a reason.";

export const pointsOnly =
  "They hold no confirmed personal value: once the person's row is erased, their key leads to nobody.";

/** The key of a finding in the log alone, or in copies of deleted rows. */
export function pastKey({ schema, table, columns }: FoundEntries): string {
  return columns.length === 0 ? `copies ${schema}.${table}` : `log ${schema}.${table} ${columns.join(",")}`;
}

export function pastWords({ schema, table, columns, records }: FoundEntries) {
  const count = records.length;
  if (columns.length === 0) {
    const how = "Rows that the application deleted and that are kept whole, for as long as the table's model says.";
    return { where: `copies of deleted rows of ${schema}.${table}`, how, count };
  }
  const how = `Values of ${columns.join(", ")} that stand in the log alone: the rows are gone, or hold something else by now.`;
  return { where: `the log of ${schema}.${table}`, how, count };
}
