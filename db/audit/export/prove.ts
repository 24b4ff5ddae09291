import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { Refusal } from "../../errors.ts";
import { NotYet, type RunningJob } from "../../jobs/kind.ts";
import { digestFile } from "../../objects/digest.ts";
import { writeProof } from "../proof/prove.ts";
import { partPath } from "./part-file.ts";
import type { ExportRow } from "./record.ts";

/** The sealer signs once a minute. */
const againSeconds = 20;

/** Longer than a seal is late without anybody being told. */
const waitMinutesMax = 30;

interface Proof {
  [more: string]: unknown;
  file: string;
  bytes: number;
  sha256: string;
  entries: number;
}

/**
 * Writes the proof of an export's own file, once everything in it is sealed and signed.
 *
 * @throws NotYet while some of it is not, Refusal `conflict` when it never gets to be.
 */
export async function proveExport(
  job: RunningJob,
  row: ExportRow,
  written: { file: string; sha256: string; rows: number },
): Promise<Proof> {
  const { since } = await job.step("Wait for the seal", async () => ({ since: new Date().toISOString() }));
  return job.step("Prove", async () => {
    job.log("Writing the proof");
    const lines = await partPath(written.file);
    const file = `${row.id}.${randomBytes(6).toString("hex")}.proof.part`;
    const target = await partPath(file);
    try {
      const { sha256, rows } = written;
      const record = { sha256, filter: row.query };
      const { entries } = await proofOrWait(job, { lines, target, record }, { since, rows });
      return { file, entries, ...(await digestFile(target, job.signal)) };
    } catch (error) {
      await rm(target, { force: true });
      throw error;
    }
  });
}

async function proofOrWait(
  job: RunningJob,
  task: Parameters<typeof writeProof>[1],
  { since, rows }: { since: string; rows: number },
) {
  let why = "";
  try {
    const proved = await writeProof(job.actor, task);
    if (proved.unsealed === 0) return proved;
    why = `Entries of the export that are not sealed yet: ${proved.unsealed}.`;
  } catch (error) {
    if (!(error instanceof Refusal && error.code === "not_found")) throw error;
    why = error.message;
  }
  await job.progress({ done: rows, total: rows, unit: "rows", line: `Waiting: ${why}` });
  if (Date.now() - Date.parse(since) < waitMinutesMax * 60_000) throw new NotYet(why, againSeconds);
  throw new Refusal("conflict", `After ${waitMinutesMax} minutes: ${why}`, {
    fix: "See under Audit, Proof, what holds up the seal, and export again; without proofs it can be had at once.",
  });
}
