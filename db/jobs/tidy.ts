import { inControl } from "../control.ts";
import type { JobKind } from "./kind.ts";

/** Forgets which transactions committed once nobody can still be waiting to know. */
export const tidyOperations: JobKind = {
  kind: "jobs.tidy",
  async run(job) {
    const removed = await inControl(job.actor, (_tx, client) =>
      client.query("DELETE FROM operations WHERE begun_at < now() - interval '1 day'"),
    );
    return { removed: removed.rowCount };
  },
};
