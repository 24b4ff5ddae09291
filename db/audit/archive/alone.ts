import { setTimeout as pause } from "node:timers/promises";
import { consoleDatabase } from "../../fleet.ts";
import type { JobKind, RunningJob } from "../../jobs/kind.ts";
import type { MonthReference } from "../retention/contract.ts";
import { monthInput } from "./archive-month.ts";
import { withConnection } from "./connection.ts";

/**
 * Does what moves or rewrites a month while no other job does, in whatever process: the lock is a connection's, so that it goes
 * when its worker does. A job that lost the connection is interrupted.
 */
export function aloneWithMonth<T>(
  job: RunningJob,
  { databaseId, month }: MonthReference,
  work: (job: RunningJob) => Promise<T>,
): Promise<T> {
  return withConnection(consoleDatabase, job.signal, async (client) => {
    const lost = new AbortController();
    client.once("error", (error) => lost.abort(error));
    while (!(await isHad(`${databaseId} ${month}`))) {
      job.log(`Waiting until another job is through with ${month}`);
      await pause(500, undefined, { signal: job.signal });
    }
    return work({ ...job, signal: AbortSignal.any([job.signal, lost.signal]) });

    async function isHad(name: string): Promise<boolean> {
      const { rows } = await client.query<{ had: boolean }>(
        "SELECT pg_try_advisory_lock(hashtext('work on a month'), hashtext($1)) AS had",
        [name],
      );
      return rows[0]?.had === true;
    }
  });
}

/** The same kind of job, one at a time for each month. */
export function alone(kind: JobKind): JobKind {
  return { ...kind, run: (job) => aloneWithMonth(job, monthInput.parse(job.input), kind.run) };
}
