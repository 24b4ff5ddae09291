/** What the list shows when the address names no columns. */
export const usualColumns = [
  "status",
  "tier",
  "placement",
  "size",
  "measured",
  "growth",
  "writes",
  "share",
  "active",
  "advice",
];

/** The columns that can be chosen; the name leads always. */
export const choosableColumns = [
  { id: "status", header: "Status" },
  { id: "tier", header: "Tier" },
  { id: "key", header: "Key" },
  { id: "placement", header: "Placement" },
  { id: "size", header: "Size" },
  { id: "measured", header: "Measured" },
  { id: "growth", header: "Growth a day" },
  { id: "writes", header: "Writes a day" },
  { id: "share", header: "Share of writes" },
  { id: "active", header: "Last active" },
  { id: "advice", header: "Next move" },
];

/** The chosen columns of an address, in the list's order. */
export function readColumns(text: string | undefined): string[] {
  const asked = new Set((text ?? "").split(","));
  const chosen = choosableColumns.map(({ id }) => id).filter((id) => asked.has(id));
  return chosen.length === 0 ? usualColumns : chosen;
}
