import { createHash } from "node:crypto";
import type { ErasureInput } from "../../../audit/proof/contract.ts";
import { eraseFromLog } from "../../../audit/proof/erase-job.ts";
import { findValues } from "../../../audit/proof/erasure-find.ts";
import { planEntries } from "../../../audit/proof/planned-entries.ts";
import { logHoldsFor } from "../../../audit/retention/holds.ts";
import { inControl } from "../../../control.ts";
import { inDatabase } from "../../../fleet.ts";
import type { RunningJob } from "../../../jobs/kind.ts";
import { eraseReceipts } from "../../restore/erase-receipts.ts";
import { eraseCopies } from "../../retention/archives.ts";
import type { FoundEntries } from "../find/findings.ts";
import { logInputs } from "../find/log.ts";

interface LogOrder {
  databaseId: string;
  erasure: string;
  parts: readonly FoundEntries[];
  actor: string | null;
  reason: string;
  /** Tells the parts of one job's erasures apart, where it has more than one. */
  scope?: string;
}

const entriesMax = 100_000;

/**
 * Takes the values out of the log and its archived months, part by part, and out of what is kept of the same records beside it: copies
 * of deleted rows and receipts of restores. What an earlier attempt took out is not there any more.
 */
export async function eraseLog(job: RunningJob, order: LogOrder): Promise<{ entries: number }> {
  const { databaseId, erasure, parts, actor, reason, scope = "" } = order;
  const inputs: ErasureInput[] = parts.flatMap((part) => logInputs(databaseId, part));
  if (actor !== null) inputs.push({ databaseId, subject: { kind: "actor", user: actor } });
  let entries = 0;
  for (const [at, input] of inputs.entries()) {
    const part = within(job, `${scope}log ${at + 1} of ${inputs.length}:`);
    const id = partId(`${job.id} ${scope}`, at);
    const planned = await part.step("plan", async () => {
      const { ids } = await findValues(input, entriesMax, await logHoldsFor(databaseId));
      await inControl(job.actor, (_tx, client) => planEntries(client, databaseId, ids, id));
      return { entries: ids.length };
    });
    if (planned.entries === 0) continue;
    await eraseFromLog(part, { id, input, reason, label: `erasure ${erasure}` });
    entries += planned.entries;
    await job.progress({ done: at + 1, total: inputs.length, unit: "statements", line: "Erasing from the log" });
  }
  for (const [at, { schema, table, records }] of parts.entries()) {
    await job.step(`${scope}archived copies ${at + 1} of ${parts.length}`, () =>
      inDatabase(
        job.actor,
        databaseId,
        async (client) => ({
          copies: await eraseCopies(client, { schema, name: table }, records),
          receipts: await eraseReceipts(client, { schema, name: table }, records),
        }),
        { reason },
      ),
    );
  }
  return { entries };
}

/** The same job, its steps under names of their own. */
function within(job: RunningJob, prefix: string): RunningJob {
  return {
    ...job,
    step: (name, work) => job.step(`${prefix} ${name}`, work),
    stepInControl: (name, work) => job.stepInControl(`${prefix} ${name}`, work),
  };
}

/** Each part of a job has one id, however often it is begun. Format: a UUID of version 8 from a hash. */
function partId(job: string, at: number): string {
  const hash = createHash("sha256").update(`${job} ${at}`).digest("hex");
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `a${hash.slice(17, 20)}`];
  return [...parts, hash.slice(20, 32)].join("-");
}
