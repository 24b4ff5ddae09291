import { setTimeout as pause } from "node:timers/promises";
import pino from "pino";
import { work } from "#db/jobs/work.ts";
import { systemActor } from "#db/mint.ts";

// node worker-process.ts jobs export|archive, or seal DATABASE: loads what the duty needs, then waits to be told "work".

const [duty, what = ""] = process.argv.slice(2);
const log = pino({ base: undefined, level: "warn" }, pino.destination({ dest: 2, sync: true }));
const begin = duty === "seal" ? await sealer() : await jobs();
process.once("message", begin);
process.once("disconnect", () => process.exit(0)); // whoever runs the faults is gone

async function jobs(): Promise<() => void> {
  const kinds =
    what === "export"
      ? (await import("#db/audit/export/jobs.ts")).exportJobs
      : (await import("#db/audit/retention/jobs.ts")).retentionJobs;
  return () => void work(kinds, { log, pollMs: 20, concurrency: 1 });
}

/** As the schedule's run of each minute, again and again, and with a checkpoint each time. */
async function sealer(): Promise<() => void> {
  const { sealLog } = await import("#db/audit/proof/seal.ts");
  const { publishCheckpoints } = await import("#db/audit/proof/publish.ts");
  const actor = systemActor("sealer");
  return async () => {
    for (;;) {
      try {
        await sealLog(actor, what, { seconds: 0 });
        await publishCheckpoints(actor, what);
      } catch (error) {
        log.warn({ err: error }, "sealing goes on in the next round");
      }
      await pause(5);
    }
  };
}
