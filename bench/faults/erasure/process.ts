import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { erasureJobs } from "#db/records/erasure/jobs.ts";
import { finishJob } from "../finish-job.ts";
import { strikeAt } from "../strike.ts";

// node process.ts JOB AT HOW: works on an erasure's job and strikes at its AT-th statement. Without a strike it says how many
// statements there were.

const [job = "", at = "0", how = "process"] = process.argv.slice(2);
const statements = strikeAt(Number(at), how);

await finishJob(erasureJobs, job, 240_000);
console.log(JSON.stringify({ statements: statements() }));
await closeFleet().catch(() => {});
await closeControl().catch(() => {});
process.exit(0);
