import pino from "pino";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { work } from "#db/jobs/work.ts";
import { moveJobs } from "#db/moves/jobs.ts";
import { strikeAt } from "../strike.ts";

// node process.ts AT HOW: a worker of moves, until it is told to stop; strikes at its AT-th statement. Says how many there were.

const [at = "0", how = "process"] = process.argv.slice(2);
const statements = strikeAt(Number(at), how);
const working = work(moveJobs, { log: pino({ level: "silent" }), pollMs: 50, concurrency: 1 });

process.once("SIGTERM", async () => {
  await working.stop();
  console.log(JSON.stringify({ statements: statements() }));
  await closeFleet().catch(() => {});
  await closeControl().catch(() => {});
  process.exit(0);
});
