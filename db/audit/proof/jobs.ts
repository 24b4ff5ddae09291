import { z } from "zod";
import { consoleDatabase, listAdopted } from "../../fleet.ts";
import type { NewJob } from "../../jobs/enqueue.ts";
import type { JobKind } from "../../jobs/kind.ts";
import { eraseJob } from "./erase-job.ts";
import { keptCheckpoints } from "./places/kept.ts";
import { publishCheckpoints } from "./publish.ts";
import { sealLog } from "./seal.ts";
import { verifyLog } from "./verify-log.ts";

const ofDatabase = z.object({ databaseId: z.string() });

/** Due every minute for each audited database. What it does not finish in its time, the next one goes on with. */
export const sealLogs: JobKind = {
  kind: "audit.seal",
  async run(job) {
    const { databaseId } = ofDatabase.parse(job.input);
    const signal = AbortSignal.any([job.signal, AbortSignal.timeout(240_000)]);
    const { sealed } = await sealLog(job.actor, databaseId, { signal });
    const published = await publishCheckpoints(job.actor, databaseId);
    return { sealed, published };
  },
};

export async function everyAuditedDatabase(): Promise<{ databaseId: string; serverId?: string }[]> {
  const adopted = (await listAdopted()).map(({ id, serverId }) => ({ databaseId: id, serverId }));
  return [{ databaseId: consoleDatabase }, ...adopted];
}

const verify: JobKind = {
  kind: "audit.verify",
  async run(job) {
    const { databaseId } = ofDatabase.parse(job.input);
    const { notes, unread } = await keptCheckpoints(databaseId);
    for (const line of unread) job.log(line);
    const { verdict, entries, archived, findingCount } = await verifyLog(job.actor, databaseId, {
      signal: job.signal,
      published: notes,
      progress: (done, of) => {
        void job.progress({ done, total: of, unit: "rows", line: "Comparing the log with its tree" });
      },
    });
    return { verdict, entries, archived, findings: findingCount, unread };
  },
};

export function verifyJob(databaseId: string, name: string): NewJob {
  return { kind: verify.kind, title: `Verification of the log of ${name}`, input: { databaseId } };
}

/** Every night, each log is compared with its tree. */
export async function dueVerifications(): Promise<NewJob[]> {
  const adopted = await listAdopted();
  return [{ id: consoleDatabase, name: "the console" }, ...adopted].map(({ id, name }) => verifyJob(id, name));
}

export const proofJobs: JobKind[] = [verify, eraseJob];
