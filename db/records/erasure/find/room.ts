import type { TableShape } from "../../table-shape.ts";
import type { NotReached } from "../contract.ts";
import type { FoundRow } from "./findings.ts";
import { type Looking, nameOf } from "./looking.ts";

const rowsInAll = 20_000;

/** Rows that a search took up. What was erased must take no room from what was not, so that the two are counted apart. */
export interface Taken {
  holding: number;
  bare: number;
}

const holds = ({ columns }: FoundRow) => columns.length > 0;

/** As many of these rows as a search takes up in all; says where there are more. */
export function fitting(
  looking: Pick<Looking, "notReached">,
  taken: Taken,
  child: TableShape,
  depth: number,
  fresh: readonly FoundRow[],
): FoundRow[] {
  const holding = fresh.filter(holds);
  const bare = fresh.filter((row) => !holds(row));
  const fit = [holding.slice(0, rowsInAll - taken.holding), bare.slice(0, rowsInAll - taken.bare)] as const;
  const [held, unheld] = fit;
  taken.holding += held.length;
  taken.bare += unheld.length;
  const [leftOut] = [...holding.slice(held.length), ...bare.slice(unheld.length)];
  if (leftOut) looking.notReached.push(beyond({ where: nameOf(child), most: rowsInAll, child, depth, leftOut }));
  return fit.flat();
}

interface Beyond {
  where: string;
  most: number;
  child: TableShape;
  depth: number;
  /** The first row that was not taken up; those that hold values come first. */
  leftOut: FoundRow;
  /** How many more hold personal values, where they were counted. */
  more?: number;
}

/**
 * What is said of rows beyond a limit. They hide nothing where none of them holds a value or leads to others, and the log is asked by
 * the same foreign key, as it is for what points at the person's own row.
 */
export function beyond({ where, most, child, depth, leftOut, more = 0 }: Beyond): NotReached {
  if (more > 0)
    return {
      where,
      why: `More than ${most} rows; the first of those that hold personal values are listed, of ${most + more}.`,
    };
  if (holds(leftOut) || child.children.length > 0 || depth > 1)
    return { where, why: `More than ${most} rows; the first of those that hold personal values are listed.` };
  return { where, why: `More than ${most} rows; all that hold personal values are listed.`, outside: true };
}
