import { z } from "zod";
import type { JobKind, RunningJob } from "../jobs/kind.ts";
import { applyAdoption } from "./apply.ts";
import { isolationJob } from "./isolation/jobs.ts";
import { removeAdoption } from "./remove.ts";
import { syncTenants } from "./sync-tenants.ts";

const adoptionInput = z.object({ databaseId: z.uuid(), planHash: z.string(), goal: z.string() });
const removalInput = z.object({ databaseId: z.uuid(), planHash: z.string() });
const syncInput = z.object({ databaseId: z.uuid() });

async function begin(job: RunningJob): Promise<boolean> {
  let first = false;
  await job.step("begin", async () => {
    first = true;
    return {};
  });
  return first;
}

/** What the worker can do for this area. Each may be cut off anywhere and begun again: what stands is read anew. */
export const databaseJobs: JobKind[] = [
  isolationJob,
  {
    kind: "databases.adopt",
    async run(job) {
      const { databaseId, planHash, goal } = adoptionInput.parse(job.input);
      const resumed = !(await begin(job));
      const adopted = await job.step("apply", () =>
        applyAdoption(
          job.actor,
          { databaseId, planHash, ...(resumed ? { resumedGoal: goal } : {}) },
          (progress) => job.progress({ ...progress, unit: "statements" }),
          job.signal,
        ),
      );
      const synced = await job.step("import tenants", () =>
        syncTenants(job.actor, databaseId, (progress) => job.progress({ ...progress, unit: "tenants" })),
      );
      return { ...adopted, ...synced };
    },
  },
  {
    kind: "databases.remove",
    async run(job) {
      const { databaseId, planHash } = removalInput.parse(job.input);
      const resumed = !(await begin(job));
      return job.step("remove", () =>
        removeAdoption(
          job.actor,
          { databaseId, planHash, resumed },
          (progress) => job.progress({ ...progress, unit: "statements" }),
          job.signal,
        ),
      );
    },
  },
  {
    kind: "tenants.sync",
    async run(job) {
      const { databaseId } = syncInput.parse(job.input);
      return syncTenants(job.actor, databaseId, (progress) => job.progress({ ...progress, unit: "tenants" }));
    },
  },
];
