export type Size = "small" | "full";

export interface BenchContext {
  /** A superuser's URL of a throwaway server's database `postgres`. */
  server: URL;
  size: Size;
}

export interface BenchTable {
  title: string;
  columns: string[];
  rows: (string | number)[][];
}

/** What a bench found: named figures with their units in the names, and tables for people. */
export interface BenchResult {
  figures: Record<string, number | string>;
  tables: BenchTable[];
}

/** Every file bench/NAME.ts exports its `bench`. */
export type Bench = (context: BenchContext) => Promise<BenchResult>;
