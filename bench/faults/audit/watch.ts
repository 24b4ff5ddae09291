import { setTimeout as pause } from "node:timers/promises";
import { controlPool } from "#db/control.ts";
import { isInterruption } from "#db/jobs/finish.ts";

/** Only what hangs takes so long, also on a machine with ten times as much to do as it can. */
export const patienceMs = 180_000;

/** Repeats a question while the database recovers from its crash. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const deadline = performance.now() + patienceMs; ; ) {
    try {
      return await ask();
    } catch (error) {
      if (!isInterruption(error) || performance.now() > deadline) throw error;
    }
    await pause(50);
  }
}

export async function rowsOf<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
  return (await patiently(() => controlPool().query<Row>(sql, values))).rows;
}

export interface Ended {
  state: "done" | "failed";
  error: string | null;
}

/** Waits for a job's end, and does what waiting would do: a job that was given back is due again at once. */
export async function ended(id: string, signal?: AbortSignal): Promise<Ended | null> {
  for (const deadline = performance.now() + 2 * patienceMs; performance.now() < deadline; ) {
    const [job] = await rowsOf<Ended>(
      `WITH due AS (UPDATE jobs SET lease_until = now()
                     WHERE id = $1 AND state = 'running' AND lease_owner IS NULL AND lease_until > now())
       SELECT state, error FROM jobs WHERE id = $1`,
      [id],
    );
    if (job?.state === "done" || job?.state === "failed") return job;
    if (signal?.aborted) return null;
    await pause(20);
  }
  throw new Error(`The job ${id} came to no end.`);
}

/** What fifteen seconds would do: the killed worker's lease has run out. */
export async function overdue(id: string): Promise<void> {
  await rowsOf("UPDATE jobs SET lease_until = now() WHERE id = $1 AND state = 'running'", [id]);
}
