// The sealer of the fault run, in a process of its own that can be killed. It seals as fast as it can.
import { sealLog } from "#db/audit/proof/seal.ts";
import { systemActor } from "#db/mint.ts";

const [databaseId = ""] = process.argv.slice(2);
const actor = systemActor("sealer");
process.send?.("begun");
for (;;) {
  try {
    await sealLog(actor, databaseId, { seconds: 0 });
  } catch (error) {
    // Its connections are ended on purpose: it says so to nobody, and goes on.
    if (!(error instanceof Error)) throw error;
  }
  await new Promise((resolve) => setTimeout(resolve, 5));
}
