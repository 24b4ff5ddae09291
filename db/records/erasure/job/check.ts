import { and, eq } from "drizzle-orm";
import { authorise } from "../../../actor.ts";
import type { JobKind } from "../../../jobs/kind.ts";
import { erasureChecks, erasures } from "../../../schema/erasures.ts";
import { findRemaining } from "../remaining.ts";
import { erasureRow, keptOf } from "../stored.ts";
import { ofErasure } from "./search.ts";

/** Searches as the erasure did. What it finds is told by place and number, and never in the clear. */
export const checkErased: JobKind = {
  kind: "records.erasure-check",
  async run(job) {
    authorise(job.actor, "records.erase");
    const { erasure } = ofErasure.parse(job.input);
    const row = await erasureRow(erasure);
    const { clean, remaining, notReached } = await findRemaining(keptOf(row), job.signal);
    await job.stepInControl("record", async (tx) => {
      await tx.insert(erasureChecks).values({
        ...{ erasureId: erasure, databaseId: row.databaseId, what: "check" as const, clean, remaining, notReached },
        ...{ actorName: job.actor.name, jobId: job.id },
      });
      if (clean) {
        const wasOpen = and(eq(erasures.id, erasure), eq(erasures.state, "incomplete"));
        await tx.update(erasures).set({ state: "done" }).where(wasOpen);
      }
      return {};
    });
    return { erasure, clean, remaining, notReached };
  },
};
