import { rowsAtOnce } from "./contract.ts";

export interface Sizes {
  /** Rows that one transaction writes; more are shared out among chunks. */
  atOnce: number;
  inChunk: number;
}

export const usualSizes: Sizes = { atOnce: rowsAtOnce, inChunk: 5_000 };

/** In how many transactions so many rows are written. */
export function chunksOf(rows: number, { atOnce, inChunk } = usualSizes): number {
  return rows <= atOnce ? 1 : Math.ceil(rows / inChunk);
}
