import type { ColumnMethod, ItemChoice, PlannedColumn } from "../contract.ts";
import { fixedValue } from "../find/columns.ts";
import type { FoundColumn, FoundTable } from "../find/findings.ts";

/** What may become of a column's values, where the table's own rules allow it. */
function offersFor(column: FoundColumn, kind: FoundTable["kind"]): ColumnMethod["do"][] {
  if (column.key) return [];
  const within = column.kind === "text" || column.kind === "json" || column.kind === "array";
  if (kind === "text") return within ? ["words", ...whole(column)] : [];
  return [...whole(column), ...(kind === "column" && within ? (["words"] as const) : [])];
}

function whole(column: FoundColumn): ColumnMethod["do"][] {
  const offers: ColumnMethod["do"][] = [];
  if (column.nullable && !column.nullsClash) offers.push("null");
  if (column.kind === "text" || column.kind === "uuid") offers.push("hash");
  if (!column.unique && fixedValue(column) !== null) offers.push("text");
  return offers;
}

/** What is proposed: nothing at all where a column may be empty, a hash where values must differ, and else a fixed text. */
function proposed(column: FoundColumn, kind: FoundTable["kind"]): ColumnMethod | null {
  const offers = offersFor(column, kind);
  if (offers.includes("words") && (kind === "text" || column.kind !== "text")) return { do: "words" };
  if (offers.includes("null")) return { do: "null" };
  if (column.unique && offers.includes("hash")) return { do: "hash" };
  const fixed = fixedValue(column);
  if (offers.includes("text") && fixed !== null) return { do: "text", to: fixed };
  return offers.includes("hash") ? { do: "hash" } : null;
}

/** The columns of one finding with what becomes of each; a choice that does not fit a column is not taken. */
export function plannedColumns(table: FoundTable, choice: ItemChoice | undefined): PlannedColumn[] {
  const chosen = choice?.do === "redact" ? choice.columns : {};
  return table.columns
    .map((column) => {
      const { name, type } = column;
      const offers = offersFor(column, table.kind);
      const own = chosen[name];
      const method = own && offers.includes(own.do) ? own : proposed(column, table.kind);
      const rows = table.rows.filter(({ columns }) => columns.includes(name)).length;
      return { name, type, rows, method, offers };
    })
    .filter(({ rows }) => rows > 0);
}
