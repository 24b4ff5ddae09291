import type { DuckDBConnection } from "@duckdb/node-api";
import type { Archive } from "../archive/registry.ts";
import type { Silent } from "../contract.ts";
import { coldArchives } from "./archives.ts";
import { quoted, withDuck } from "./duck.ts";
import { coldFile } from "./file.ts";

/** Archived months of one database, asked as one. */
export interface ColdLog {
  duck: DuckDBConnection;
  /** SQL for FROM. */
  from: string;
}

/** What of a database's archive is read, and which archived months are not. */
export interface Archived {
  log: ColdLog | null;
  unread: Archive[];
}

export interface ColdReading {
  /** Ends when the reader leaves. */
  signal?: AbortSignal;
  /** Which databases did not say what is archived only. */
  missed?: Silent[];
}

const patienceMs = 30_000;

/** Reads with those of the named months that are archived at hand. Their files are fetched and checked first. */
export async function withArchived<T>(
  databaseId: string,
  months: readonly string[],
  read: (archived: Archived) => Promise<T>,
  { signal: leaves, missed = [] }: ColdReading = {},
): Promise<T> {
  const signal = endOf(patienceMs, leaves);
  const archives = await coldArchives([databaseId], missed);
  const asked = archives.filter(({ month }) => months.includes(month));
  const unread = archives.filter(({ month }) => !months.includes(month));
  if (asked.length === 0) return read({ log: null, unread });
  const files: string[] = [];
  for (const archive of asked) files.push(await coldFile(archive, signal));
  return withDuck({ memory: "512MB", threads: 2, signal }, (duck) =>
    read({ log: { duck, from: fromFiles(files) }, unread }),
  );
}

/** Ends after so long, or when the reader leaves. */
export function endOf(patienceMs: number, leaves: AbortSignal | undefined): AbortSignal {
  return AbortSignal.any([AbortSignal.timeout(patienceMs), ...(leaves ? [leaves] : [])]);
}

export function fromFiles(files: readonly string[]): string {
  return `read_parquet([${files.map(quoted).join(", ")}])`;
}
