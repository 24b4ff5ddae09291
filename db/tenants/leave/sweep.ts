import type { JobKind } from "../../jobs/kind.ts";
import { sweepParts } from "./parts.ts";
import { sweepProofs } from "./proofs.ts";

/** Removes what killed exports, archives and proofs left beside the store: it holds all of a tenant's rows. */
export const sweepLeavings: JobKind = {
  kind: "tenants.leave-sweep",
  run: async (job) => ({ removed: await sweepParts(), dropped: await sweepProofs(job.log) }),
};
