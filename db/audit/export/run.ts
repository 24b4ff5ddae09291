import { rm } from "node:fs/promises";
import { z } from "zod";
import { authorise } from "../../actor.ts";
import type { JobKind, RunningJob } from "../../jobs/kind.ts";
import { objectStore } from "../../objects/configured.ts";
import { digestFile } from "../../objects/digest.ts";
import { indexStaged } from "../index-staged.ts";
import { recordEvent } from "../record-event.ts";
import type { Manifest, ProofFile } from "./contract.ts";
import { filterOf } from "./filter.ts";
import { fixSet, type Share } from "./fix-set.ts";
import { manifestOf } from "./manifest.ts";
import { toParquet } from "./parquet.ts";
import { partPath } from "./part-file.ts";
import { proveExport } from "./prove.ts";
import { type ExportRow, exportRow, keysOf, markReady } from "./record.ts";
import { writeFile } from "./write.ts";

/** Writes one export. Killed at any point it goes on with the slice that was not finished; nothing half made gets a final name. */
export const runExport: JobKind = {
  kind: "audit.export",
  async run(job) {
    authorise(job.actor, "audit.export");
    const { exportId, withNdjson, withProofs } = jobInput.parse(job.input);
    const row = await exportRow(exportId);
    const { shares } = await job.step("Fix the set", async () => ({ shares: await fixSet(filterOf(row.query)) }));
    // A slice with staged entries would have to be sorted.
    for (const { id, left } of shares) if (!left) await indexStaged(job.actor, id, job.signal);
    const written = await writeFile(job, row, shares, { label: "", before: 0, files: withNdjson ? 2 : 1 });
    const made = await finalFile(job, row, written);
    const proof = withProofs ? await proveExport(job, row, written) : null;
    const lines = withNdjson ? await writeNdjson(job, row, shares, written.rows) : null;
    const { completed } = await job.step("Complete", async () => ({ completed: new Date().toISOString() }));
    const { rows, databases } = written;
    const beside = lines && { part: lines.file, manifest: manifestOf(asNdjson(row), { ...lines, completed }) };
    const manifest = manifestOf(row, { ...made, rows, databases, completed, beside: beside?.manifest, proof });
    const main = { part: made.file, manifest, proof: proof?.file };
    const keys = await store(job, row, [main, ...(beside ? [beside] : [])]);
    await job.stepInControl("Record the export", async (tx, client) => {
      await markReady(tx, row, manifest, keys);
      const { format, query } = row;
      const { rows, bytes, sha256 } = manifest;
      await recordEvent(client, {
        action: "export-completed",
        resourceType: "audit_exports",
        resourceId: row.id,
        metadata: {
          ...{ format, query, rows, bytes, sha256 },
          ...(beside && { beside: beside.manifest.sha256 }),
          ...(proof && { proof: proof.sha256 }),
        },
      });
      return {};
    });
    for (const file of new Set([written, made, lines, proof].flatMap((one) => one?.file ?? []))) {
      await rm(await partPath(file), { force: true });
    }
    return { exportId, rows: manifest.rows, bytes: manifest.bytes, sha256: manifest.sha256 };
  },
};

const jobInput = z.object({
  exportId: z.uuid(),
  withNdjson: z.boolean().default(false),
  withProofs: z.boolean().default(false),
});

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

const asNdjson = (row: ExportRow): ExportRow => ({ ...row, format: "ndjson", zone: "UTC" });

/** The same entries once more, a line each: their set is fixed, whatever was written meanwhile. */
async function writeNdjson(job: RunningJob, row: ExportRow, shares: readonly Share[], rows: number) {
  const written = await writeFile(job, asNdjson(row), shares, { label: "NDJSON: ", before: rows, files: 2 });
  if (written.rows !== rows)
    throw new Error(`${rows} entries are in the file, and ${written.rows} in the NDJSON beside it.`);
  return written;
}

interface Finished {
  part: string;
  manifest: Manifest;
  /** The part that the proof is in. */
  proof?: string | undefined;
}

/** Files get their final names only here, whole: the store takes a file whole or not at all. Answers the keys of the first. */
function store(job: RunningJob, row: ExportRow, files: readonly [Finished, ...Finished[]]) {
  return job.step("Store", async () => {
    job.log("Storing and reading back");
    for (const { part, manifest, proof } of files) {
      const { file, manifestFile } = keysOf(row.id, manifest.file);
      const put = await objectStore().put(file, await partPath(part), job.signal);
      if (put.sha256 !== manifest.sha256) throw new Error("The file changed between writing and storing it.");
      if (manifest.proof && proof) await putProof(row.id, manifest.proof, await partPath(proof), job.signal);
      await objectStore().putText(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
    }
    return keysOf(row.id, files[0].manifest.file);
  });
}

async function putProof(id: string, { file, sha256 }: ProofFile, path: string, signal: AbortSignal): Promise<void> {
  const put = await objectStore().put(keysOf(id, file).file, path, signal);
  if (put.sha256 !== sha256) throw new Error("The proof changed between writing and storing it.");
}
