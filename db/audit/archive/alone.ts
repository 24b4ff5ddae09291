import { setTimeout as pause } from "node:timers/promises";
import { consoleDatabase } from "../../fleet.ts";
import type { JobKind, RunningJob } from "../../jobs/kind.ts";
import type { MonthReference } from "../retention/contract.ts";
import { monthInput } from "./archive-month.ts";
import { withConnection } from "./connection.ts";

/** Does what moves or rewrites a month while nothing else is at work on it. A job that lost the month is interrupted. */
export function aloneWithMonth<T>(
  job: RunningJob,
  reference: MonthReference,
  work: (job: RunningJob) => Promise<T>,
): Promise<T> {
  const onWait = () => job.log(`Waiting until another job is through with ${reference.month}`);
  return holdingMonth(reference, { signal: job.signal, onWait }, (signal) => work({ ...job, signal }));
}

/**
 * Keeps a month where it is and as it is while it is worked on, in whatever process. The lock is a connection's, so that it goes
 * when its holder does; `work`'s signal is aborted when the connection is lost.
 */
export function holdingMonth<T>(
  { databaseId, month }: MonthReference,
  { signal, onWait }: { signal: AbortSignal; onWait: () => void },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withConnection(consoleDatabase, signal, async (client) => {
    const lost = new AbortController();
    client.once("error", (error) => lost.abort(error));
    while (!(await isHad(`${databaseId} ${month}`))) {
      onWait();
      await pause(500, undefined, { signal });
    }
    return work(AbortSignal.any([signal, lost.signal]));

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
