import { rm } from "node:fs/promises";
import { z } from "zod";
import { authorise } from "../../actor.ts";
import type { JobKind, RunningJob } from "../../jobs/kind.ts";
import { objectStore } from "../../objects/configured.ts";
import { digestFile } from "../../objects/digest.ts";
import { recordEvent } from "../record-event.ts";
import { type EntryKey, exportColumns, type Manifest, type ManifestDatabase } from "./contract.ts";
import { filterOf } from "./filter.ts";
import { fixSet } from "./fix-set.ts";
import { toParquet } from "./parquet.ts";
import { partPath } from "./part-file.ts";
import { printerOf } from "./printer.ts";
import { type ExportRow, exportRow, markReady } from "./record.ts";
import { writeFile } from "./write.ts";

/** Writes one export. Killed at any point it goes on with the slice that was not finished; nothing half made gets a final name. */
export const runExport: JobKind = {
  kind: "audit.export",
  async run(job) {
    authorise(job.actor, "audit.export");
    const { exportId } = z.object({ exportId: z.uuid() }).parse(job.input);
    const row = await exportRow(exportId);
    const { shares } = await job.step("Fix the set", async () => ({ shares: await fixSet(filterOf(row.query)) }));
    const written = await writeFile(job, row, shares, printerOf(row.format, row.columns));
    const made = await finalFile(job, row, written);
    const name = nameOf(row);
    const { completed } = await job.step("Complete", async () => ({ completed: new Date().toISOString() }));
    const manifest = manifestOf(row, { name, completed, ...made, rows: written.rows, databases: written.databases });
    const keys = await store(job, row, made.file, manifest);
    await job.stepInControl("Record the export", async (tx, client) => {
      await markReady(tx, row, manifest, keys);
      const { rows, bytes, sha256 } = manifest;
      await recordEvent(client, {
        action: "export-completed",
        resourceType: "audit_exports",
        resourceId: row.id,
        metadata: { format: row.format, query: row.query, rows, bytes, sha256 },
      });
      return {};
    });
    for (const file of new Set([written.file, made.file])) await rm(await partPath(file), { force: true });
    return { exportId, rows: manifest.rows, bytes: manifest.bytes, sha256: manifest.sha256 };
  },
};

interface Made {
  [more: string]: unknown;
  file: string;
  bytes: number;
  sha256: string;
}

async function finalFile(job: RunningJob, row: ExportRow, written: Made & { rows: number }): Promise<Made> {
  if (row.format !== "parquet") return written;
  return job.step("Convert to Parquet", async () => {
    job.log("Converting to Parquet");
    const { file, rows } = await toParquet(written.file, row.columns, row.id, job.signal);
    if (rows !== written.rows)
      throw new Error(`${written.rows} entries were copied, and ${rows} are in the Parquet file.`);
    return { file, ...(await digestFile(await partPath(file), job.signal)) };
  });
}

/** Both files get their final names only here, whole: the store takes a file whole or not at all. */
async function store(job: RunningJob, row: ExportRow, part: string, manifest: Manifest) {
  const folder = `exports/${row.id}`;
  return job.step("Store", async () => {
    job.log("Storing and reading back");
    const file = `${folder}/${manifest.file}`;
    const put = await objectStore().put(file, await partPath(part), job.signal);
    if (put.sha256 !== manifest.sha256) throw new Error("The file changed between writing and storing it.");
    const manifestFile = `${folder}/${manifest.file}.manifest.json`;
    await objectStore().putText(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
    return { file, manifestFile };
  });
}

const endings = { csv: "csv", ndjson: "ndjson", ocsf: "ocsf.ndjson", parquet: "parquet" } as const;

/** "audit_20261122T101500Z_1a2b3c4d.ndjson" */
function nameOf({ id, format, requestedAt }: ExportRow): string {
  const stamp = new Date(requestedAt).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return `audit_${stamp}_${id.slice(0, 8)}.${endings[format]}`;
}

interface Done {
  name: string;
  completed: string;
  bytes: number;
  sha256: string;
  rows: number;
  databases: ManifestDatabase[];
}

function manifestOf(row: ExportRow, done: Done): Manifest {
  const whole = row.columns.length === exportColumns.length;
  return {
    manifest: 1,
    export: row.id,
    file: done.name,
    format: row.format,
    columns: row.columns,
    lossless: whole && (row.format === "ndjson" || row.format === "parquet"),
    zone: row.format === "csv" ? row.zone : "UTC",
    filter: row.query,
    order: "created_at, id within each database",
    rows: String(done.rows),
    bytes: done.bytes,
    sha256: done.sha256,
    databases: done.databases.map(inOrder),
    requested: { at: new Date(row.requestedAt).toISOString(), by: row.actorName, id: row.staffId },
    completed: done.completed,
  };
}

/** A receipt that was read back has its keys in another order, and the same manifest must be the same text. */
function inOrder({ id, name, rows, first, last, snapshot }: ManifestDatabase): ManifestDatabase {
  return { id, name, rows, first: first && keyOf(first), last: last && keyOf(last), snapshot };
}

function keyOf({ created_at, id }: EntryKey): EntryKey {
  return { created_at, id };
}
