import pino from "pino";
import { retentionJobs } from "#db/audit/retention/jobs.ts";
import { work } from "#db/jobs/work.ts";

// A worker to be killed while it moves a month.
const log = pino({ base: undefined }, pino.destination({ dest: 2, sync: true }));
work(retentionJobs, { log, pollMs: 50 });
process.stdout.write("working\n");
