import pg from "pg";
import type { Network } from "./proxy.ts";

export const application = "caretaker faults";

export interface Tally {
  terminated: number;
  restarts: number;
  cuts: number;
  /** How long after the end of each fault all connections worked again. */
  wholeMsMax: number;
}

/** Terminates one backend of the pool after another, busy ones first, until there were enough or time is up. */
export async function terminateBackends(
  url: string,
  times: number,
  chance: () => number,
  tally: Tally,
  signal?: AbortSignal,
): Promise<void> {
  const admin = new pg.Client(url);
  await admin.connect();
  const end = tally.terminated + times;
  while (tally.terminated < end && !signal?.aborted) {
    const { rowCount } = await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = $1 ORDER BY (state = 'idle'), random() LIMIT 1`,
      [application],
    );
    tally.terminated += rowCount ?? 0;
    await pause(chance() * 15);
  }
  await admin.end();
}

export type Cut = "both" | "answers" | "reset";

/** Cuts the network for a while, once shorter and once longer than every deadline of the client. */
export async function cutNetwork(between: Network, kind: Cut, ms: number, tally: Tally): Promise<void> {
  if (kind === "reset") between.reset();
  else between.cut(kind);
  await pause(ms);
  between.heal();
  tally.cuts += 1;
}

/** Waits until all connections of the pool work at the same time, while the load goes on. */
export async function untilWhole(pool: pg.Pool, connections: number, tally: Tally): Promise<void> {
  const begun = performance.now();
  for (;;) {
    const clients = await Promise.allSettled(
      Array.from({ length: connections }, () => pool.query("SELECT pg_backend_pid(), pg_sleep(0.01)")),
    );
    if (clients.every((one) => one.status === "fulfilled")) break;
    if (performance.now() - begun > 60_000) break;
  }
  tally.wholeMsMax = Math.max(tally.wholeMsMax, performance.now() - begun);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
