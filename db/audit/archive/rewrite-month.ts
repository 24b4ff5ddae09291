import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { RunningJob } from "../../jobs/kind.ts";
import { digestFile } from "../../objects/digest.ts";
import { withDuck } from "../cold/duck.ts";
import { coldFile } from "../cold/file.ts";
import { type Manifest, manifestOf } from "./manifest.ts";
import { rewriteParquet, summarise, toCsv } from "./parquet.ts";
import type { Archive } from "./registry.ts";
import { withScratch } from "./scratch.ts";
import { prefixOf, storeFile } from "./write-month.ts";

/** What takes the place of a file: a query over it, and its values. */
export interface Rewriting {
  sql: string;
  values: string[];
  /** Why, for the manifest of the file that takes its place. */
  why: string;
  /** A last look at the file that was made, before it is stored. */
  check(duck: DuckDBConnection, parquet: string, folder: string): Promise<void>;
}

/**
 * Writes an archived month anew, stores it and reads it back from there; the file before stays where it is. The new file must
 * print the very bytes that the query over the old one prints, and its manifest names the file it replaces. Null when `plan` finds
 * nothing to do.
 */
export async function rewriteMonth(
  job: RunningJob,
  archive: Archive,
  plan: (duck: DuckDBConnection, file: string) => Promise<Rewriting | null>,
): Promise<Manifest | null> {
  const file = await coldFile(archive, job.signal);
  return withScratch(async (folder) => {
    const parquet = join(folder, "rewritten.parquet");
    const made = await withDuck({ memory: "1GB", threads: 2, signal: job.signal, folder }, async (duck) => {
      const rewriting = await plan(duck, file);
      if (rewriting === null) return null;
      const printed = await rewriteParquet(duck, rewriting.sql, rewriting.values, parquet, folder);
      const back = join(folder, "back.csv");
      await toCsv(duck, parquet, back);
      const contentSha256 = (await digestFile(back, job.signal)).sha256;
      if (contentSha256 !== printed) throw new Error("The rewritten month does not print what was meant to be in it.");
      await rewriting.check(duck, parquet, folder);
      return { summary: await summarise(duck, parquet), contentSha256, why: rewriting.why };
    });
    if (made === null) return null;
    const { databaseId, databaseName, month } = archive;
    const { bytes, sha256 } = await digestFile(parquet, job.signal);
    const manifest = manifestOf({
      ...made.summary,
      ...{ databaseId, databaseName, month, bytes, sha256, contentSha256: made.contentSha256 },
      file: `${prefixOf(databaseId, month)}${sha256}.parquet`,
      // The checkpoint covers what is in it now as it covered what was.
      seal: archive.manifest.seal ? { ...archive.manifest.seal } : null,
      replaces: { sha256: archive.sha256, rows: archive.rows.toString(), why: made.why },
    });
    await storeFile(job, manifest, parquet);
    return manifest;
  });
}
