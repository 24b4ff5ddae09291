import { sql } from "drizzle-orm";
import { inControl } from "../../../control.ts";
import type { JobKind } from "../../../jobs/kind.ts";

/** Forgets searches that nobody ran within 30 days, with all that they found. That they were made stays in the console's log. */
export const forgetSearches: JobKind = {
  kind: "records.erasure-forget",
  async run(job) {
    const { rowCount } = await inControl(job.actor, (tx) =>
      tx.execute(
        sql`DELETE FROM erasures WHERE state IN ('finding', 'found') AND greatest(asked_at, found_at) < now() - interval '30 days'`,
      ),
    );
    return { forgotten: rowCount ?? 0 };
  },
};
