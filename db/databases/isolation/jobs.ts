import { z } from "zod";
import { type Actor, authorise } from "../../actor.ts";
import { listAdopted } from "../../fleet.ts";
import { enqueue, type NewJob } from "../../jobs/enqueue.ts";
import type { JobKind } from "../../jobs/kind.ts";
import { readDatabaseRow } from "../stored-model.ts";
import { runIsolationCheck } from "./run.ts";

const input = z.object({ databaseId: z.uuid() });
const kind = "databases.isolation";

/** Begun again from the start after a crash: it changes nothing, and what it found is kept at its end. */
export const isolationJob: JobKind = {
  kind,
  async run(job) {
    const { databaseId } = input.parse(job.input);
    const { runId, report } = await runIsolationCheck(job.actor, databaseId, {
      signal: job.signal,
      progress: (done, total, line) => job.progress({ done, total, unit: "tables", line }),
    });
    const leaking = report.relations.filter(({ verdict }) => verdict === "leaks").length;
    return { runId, relations: report.relations.length, leaking, findings: report.findings.length };
  },
};

function jobFor(databaseId: string, name: string): NewJob {
  return { kind, title: `Isolation check of ${name}`, input: { databaseId } };
}

/** Asks a worker to check one database. Answers the job's id. */
export async function startIsolationCheck(actor: Actor, { databaseId }: { databaseId: string }): Promise<string> {
  authorise(actor, "databases.manage");
  const { name } = await readDatabaseRow(databaseId);
  return enqueue(actor, jobFor(databaseId, name));
}

/** What the daily schedule puts in the queue: every adopted database whose application's role is known. */
export async function dueIsolationChecks(): Promise<NewJob[]> {
  const databases = await listAdopted();
  return databases.filter(({ applicationRole }) => applicationRole !== null).map(({ id, name }) => jobFor(id, name));
}
