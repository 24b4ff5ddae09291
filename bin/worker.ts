import pino from "pino";
import { closeControl } from "#db/control.ts";
import { environment } from "#db/environment.ts";
import { closeFleet } from "#db/fleet.ts";
import { type Schedules, startSchedules } from "#db/jobs/schedule.ts";
import { work } from "#db/jobs/work.ts";
import { withoutSecrets } from "#db/log.ts";
import { kinds, schedules } from "./worker-kinds.ts";

// The process that does long work. Any number of workers may run: leases decide who has what.

const log = pino({ name: "caretaker worker", base: undefined, ...withoutSecrets });
const { DATABASE_URL } = environment();
const leaving = new AbortController();
const working = work(kinds, { log });
const scheduled = persistently(() => startSchedules(DATABASE_URL, schedules, working.wake, log));
log.info({ kinds: kinds.map(({ kind }) => kind) }, "the worker is ready");

/** The control database may be away when a worker starts. Until it is back, polling alone finds the jobs. */
async function persistently(start: () => Promise<Schedules>): Promise<Schedules | null> {
  while (!leaving.signal.aborted) {
    try {
      return await start();
    } catch (error) {
      log.warn({ err: error }, "the schedule could not start yet");
    }
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  }
  return null;
}

async function leave(signal: NodeJS.Signals): Promise<void> {
  if (leaving.signal.aborted) return;
  log.info({ signal }, "the worker takes no more jobs and leaves");
  leaving.abort();
  await working.stop();
  await (await scheduled)?.stop();
  await closeFleet();
  await closeControl();
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    leave(signal).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "the worker could not leave in order");
        process.exit(1);
      },
    );
  });
}
