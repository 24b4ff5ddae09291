import type { TableShape } from "../../table-shape.ts";
import type { NotReached } from "../contract.ts";
import type { FoundRow } from "./findings.ts";
import { type Looking, nameOf } from "./looking.ts";

const rowsInAll = 20_000;

/** A row that a search may take up, and whether a legal hold keeps it. */
export interface Candidate extends FoundRow {
  held: boolean;
}

/** Rows that a search took up. What was erased, or is held, must take no room from what is to go, so that they are counted apart. */
export interface Taken {
  holding: number;
  held: number;
  bare: number;
}

const kinds = ["holding", "held", "bare"] as const;

function kindOf({ columns, held }: Candidate): keyof Taken {
  if (columns.length === 0) return "bare";
  return held ? "held" : "holding";
}

/** As many of these rows as a search takes up in all; says where there are more. */
export function fitting(
  looking: Pick<Looking, "notReached">,
  taken: Taken,
  child: TableShape,
  depth: number,
  fresh: readonly Candidate[],
): FoundRow[] {
  const fit: Candidate[] = [];
  let leftOut: Candidate | undefined;
  for (const kind of kinds) {
    const rows = fresh.filter((row) => kindOf(row) === kind);
    const fits = rows.slice(0, rowsInAll - taken[kind]);
    taken[kind] += fits.length;
    fit.push(...fits);
    leftOut ??= rows[fits.length];
  }
  if (leftOut) looking.notReached.push(beyond({ where: nameOf(child), most: rowsInAll, child, depth, leftOut }));
  return fit.map(({ record, columns }) => ({ record, columns }));
}

interface Beyond {
  where: string;
  most: number;
  child: TableShape;
  depth: number;
  /** The first row that was not taken up; those that hold values come first, and those that are held after them. */
  leftOut: Candidate;
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
  const kind = kindOf(leftOut);
  if (kind === "holding" || child.children.length > 0 || depth > 1)
    return { where, why: `More than ${most} rows; the first of those that hold personal values are listed.` };
  const free = kind === "held" ? " and are under no legal hold" : "";
  return { where, why: `More than ${most} rows; all that hold personal values${free} are listed.`, outside: true };
}
