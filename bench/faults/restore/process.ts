import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { systemActor } from "#db/mint.ts";
import { planRestoreInput } from "#db/records/restore/contract.ts";
import { restoreJobs } from "#db/records/restore/jobs.ts";
import { planRestore } from "#db/records/restore/plan.ts";
import { runRestore } from "#db/records/restore/run.ts";
import { finishJob } from "../finish-job.ts";
import { strikeAt } from "../strike.ts";

// node process.ts INPUT AT HOW SIZES: runs a restore from its input and strikes at its AT-th statement: "process" kills this
// process, "backend" the connection that the statement runs on. Without a strike it says how many statements there were. SIZES
// makes a job of it, which this process works on; with an INPUT of {"job": ID} it only goes on with that one.

const [input = "{}", at = "0", how = "process", sizes = ""] = process.argv.slice(2);
const actor = systemActor("faults");
const { job: begun, ...asked } = JSON.parse(input) as { job?: string };
const planned = begun === undefined ? await planRestore(actor, planRestoreInput.parse(asked)) : null;

const statements = strikeAt(Number(at), how);

try {
  const { restore, job } = planned
    ? await runRestore(actor, { plan: planned.hash, reason: "faults" }, sizes === "" ? undefined : JSON.parse(sizes))
    : { restore: "", job: begun ?? null };
  if (job !== null) await finishJob(restoreJobs, job, 60_000);
  console.log(JSON.stringify({ statements: statements(), restore }));
} catch (error) {
  console.log(
    JSON.stringify({ statements: statements(), error: error instanceof Error ? error.message : String(error) }),
  );
}
await closeFleet().catch(() => {});
await closeControl().catch(() => {});
process.exit(0);
