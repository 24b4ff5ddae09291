import pino from "pino";
import { exportJobs } from "../audit/export/jobs.ts";
import { work } from "../jobs/work.ts";

// A real worker process that exports, for tests and fault runs to kill and resume.
const log = pino({ base: undefined, level: "warn" }, pino.destination({ dest: 1, sync: true }));
const working = work(exportJobs, { log, pollMs: 50, drainMs: 500 });
process.stdout.write("ready\n");
process.once("SIGTERM", () => {
  void working.stop().then(() => process.exit(0));
});
