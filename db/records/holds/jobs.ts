import { listAdopted } from "../../fleet.ts";
import { enforceHolds } from "../../holding/enforce.ts";
import type { JobKind } from "../../jobs/kind.ts";
import type { Schedule } from "../../jobs/schedule.ts";

/**
 * Brings holds to stand where they did not yet: a database that was away, a table or a partition that is new, a trigger that
 * somebody took off.
 */
const keepHolds: JobKind = {
  kind: "records.holds",
  async run(job) {
    return { ...(await enforceHolds(job.actor, String(job.input.databaseId), job.signal)) };
  },
};

export const holdSchedules: Schedule[] = [
  {
    name: "records.holds",
    cron: "* * * * *",
    run: keepHolds,
    inputs: async () => (await listAdopted()).map(({ id }) => ({ databaseId: id })),
  },
];
