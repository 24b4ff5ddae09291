import { z } from "zod";
import { authorise } from "../../actor.ts";
import { Refusal } from "../../errors.ts";
import { inDatabase, listAdopted, withDatabase } from "../../fleet.ts";
import { enforceHolds } from "../../holding/enforce.ts";
import { modelOf } from "../../holding/tables.ts";
import type { NewJob } from "../../jobs/enqueue.ts";
import type { JobKind, RunningJob } from "../../jobs/kind.ts";
import type { Schedule } from "../../jobs/schedule.ts";
import { plainMessage } from "../../log.ts";
import { limits } from "../../transaction.ts";
import { everyAdopted, expireCopies } from "./archives.ts";
import { policiesIn } from "./inherited.ts";
import { openAttempts, settle } from "./purge/attempts.ts";
import { countDue } from "./purge/count.ts";
import { purge, readScope } from "./purge/run.ts";
import { beginRun, endDryRun, endRun, failRun } from "./runs.ts";

const purgeInput = z.object({ databaseId: z.uuid(), dry: z.boolean() });

/** Removes what is past its grace period, or in a dry run counts it. */
const purgeRows: JobKind = {
  kind: "records.purge",
  async run(job) {
    const { databaseId, dry } = purgeInput.parse(job.input);
    authorise(job.actor, dry ? "retention.manage" : "records.purge");
    await beginRun(job.actor, job.id, databaseId, dry);
    try {
      return dry ? await countOnly(job, databaseId) : await purgeAll(job, databaseId);
    } catch (error) {
      if (error instanceof Refusal) await failRun(job.actor, job.id, error.message);
      throw error;
    }
  },
};

async function purgeAll(job: RunningJob, databaseId: string): Promise<{ removed: number }> {
  const { removed, notes } = await purge(job, databaseId);
  const scope = await readScope(databaseId, await modelOf(databaseId), false);
  const left = await withDatabase(databaseId, (client) => countDue(client, scope, false), { limits: limits.long });
  await endRun(job.actor, job.id, left, notes);
  await inDatabase(job.actor, databaseId, (client) =>
    client.query("DELETE FROM caretaker.purged_batches WHERE done_at < now() - interval '30 days'"),
  );
  return { removed };
}

async function countOnly(job: RunningJob, databaseId: string): Promise<{ counted: number }> {
  await enforceHolds(job.actor, databaseId, job.signal);
  const scope = await readScope(databaseId, await modelOf(databaseId), true);
  const counts = await withDatabase(databaseId, (client) => countDue(client, scope, true), { limits: limits.long });
  await endDryRun(job.actor, job.id, counts);
  return { counted: counts.reduce((sum, { rows }) => sum + rows, 0) };
}

/** Settles attempts whose worker died before it could: they are confirmed or void by what their database says. */
const settleAttempts: JobKind = {
  kind: "records.purge-settle",
  async run(job) {
    const open = await openAttempts("stale");
    for (const attempt of open) {
      try {
        await settle(job.actor, attempt);
      } catch (error) {
        job.log(`An attempt is open still: ${plainMessage(error)}`);
      }
    }
    return { looked: open.length };
  },
};

/** Every database that a policy speaks of: what is switched on is purged, and what is not yet is counted. */
async function duePurges(): Promise<NewJob[]> {
  const due: NewJob[] = [];
  for (const { id, name } of await listAdopted()) {
    const policies = (await policiesIn(id)).filter(({ deletion }) => deletion !== "never");
    for (const dry of new Set(policies.map(({ onAt }) => onAt === null))) due.push(purgeJob(id, name, dry));
  }
  return due;
}

export function purgeJob(databaseId: string, name: string, dry: boolean): NewJob {
  const title = dry ? `Dry run of the purge of ${name}` : `Purge of ${name}`;
  return { kind: purgeRows.kind, title, input: { databaseId, dry } };
}

export const purgeJobs: JobKind[] = [purgeRows];

export const purgeSchedules: Schedule[] = [
  { name: "records.purge", cron: "11 4 * * *", enqueue: duePurges },
  { name: expireCopies.kind, cron: "31 4 * * *", run: expireCopies, inputs: everyAdopted },
  { name: settleAttempts.kind, cron: "* * * * *", run: settleAttempts },
];
