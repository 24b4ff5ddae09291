import pino from "pino";
import { work } from "../jobs/work.ts";
import { fixtureKinds } from "./job-kinds.ts";

// A real worker process for the tests to kill, stop and resume.
const log = pino({ base: undefined }, pino.destination({ dest: 1, sync: true }));
const working = work(fixtureKinds, { log, pollMs: 100, ...(process.env.DRAIN ? {} : { drainMs: 500 }) });
process.once("SIGTERM", () => {
  void working.stop().then(() => process.exit(0));
});
