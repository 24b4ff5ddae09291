import type { ReactNode } from "react";
import type { Narrow } from "./table.tsx";

/** A column of a ListTable. Define them once, at module level of a client file. */
export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand under each other at the right, their unit in the header. */
  align?: "end";
  mono?: boolean;
  /** A Tailwind width, such as "w-32". */
  width?: string;
  /** Its place in a two-line row: the first column is the title unless another says so; the rest is the second line. */
  narrow?: Narrow;
}

export function narrowOf<Row>(columns: readonly Column<Row>[], column: Column<Row>): Narrow {
  if (column.narrow) return column.narrow;
  const titled = columns.some((one) => one.narrow === "title");
  return !titled && columns[0] === column ? "title" : "meta";
}
