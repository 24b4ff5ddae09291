import { inControl } from "../control.ts";
import { consoleDatabase, inDatabase, listAdopted } from "../fleet.ts";
import { tidyLedger } from "../ledger.ts";
import { plainMessage } from "../log.ts";
import type { JobKind, RunningJob } from "./kind.ts";

/** Forgets which transactions committed, here and in every managed database. One that is away has its turn an hour later. */
export const tidyOperations: JobKind = {
  kind: "jobs.tidy",
  async run(job) {
    let removed = await inControl(job.actor, (_tx, client) => tidyLedger(client, "public.operations"));
    for (const databaseId of [consoleDatabase, ...(await listAdopted()).map(({ id }) => id)]) {
      job.signal.throwIfAborted();
      removed += await tidyManaged(job, databaseId);
    }
    return { removed };
  },
};

async function tidyManaged(job: RunningJob, databaseId: string): Promise<number> {
  try {
    return await inDatabase(job.actor, databaseId, (client) => tidyLedger(client, "caretaker.operations"));
  } catch (error) {
    job.log(`Nothing tidied in ${databaseId}: ${plainMessage(error)}`);
    return 0;
  }
}
