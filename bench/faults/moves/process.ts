import pino from "pino";
import type { RunningJob } from "#db/jobs/kind.ts";
import { work } from "#db/jobs/work.ts";
import { moveJobs, moveSchedules } from "#db/moves/jobs.ts";
import { readMoveRecord } from "#db/moves/move.ts";
import { type Aim, watch, watchStatements } from "./watched.ts";

// A worker of moves, started by `fork` until it is killed: is told by messages which move is to be struck where, and tells when it was.

const aims = new Map<string, Aim>();
process.on("message", (aim: Aim) => aims.set(aim.moveId, aim));
process.once("disconnect", () => process.exit(0));

watchStatements();
const watched = moveJobs
  .filter(({ kind }) => kind === "moves.run")
  .map((kind) => ({
    ...kind,
    run: async (job: RunningJob) => {
      const move = await readMoveRecord(String(job.input.moveId));
      return watch(move, aims, () => kind.run(job));
    },
  }));
const tending = moveSchedules.flatMap((schedule) => ("run" in schedule ? [schedule.run] : []));
work([...watched, ...tending], {
  log: pino({ level: process.env.VERBOSE ? "warn" : "silent" }),
  pollMs: 100,
  concurrency: 3,
});
