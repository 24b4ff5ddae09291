import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { authorise } from "../../../actor.ts";
import { inControl } from "../../../control.ts";
import { Refusal } from "../../../errors.ts";
import type { JobKind } from "../../../jobs/kind.ts";
import { erasures } from "../../../schema/erasures.ts";
import { findAll } from "../find/find.ts";
import { erasureRow, keptOf, sealFound, sealKept } from "../stored.ts";

export const ofErasure = z.object({ erasure: z.uuid() });

/** Looks everywhere for a person, and keeps what it found, sealed. */
export const searchErasure: JobKind = {
  kind: "records.erasure-find",
  async run(job) {
    authorise(job.actor, "records.erase");
    const { erasure } = ofErasure.parse(job.input);
    const { subject, choices, words } = keptOf(await erasureRow(erasure));
    try {
      const found = await findAll({ subject, choices, words }, job.signal, (line) =>
        job.progress({ done: 0, total: null, unit: "rows", line }),
      );
      const { findings } = await job.stepInControl("keep what was found", async (tx) => {
        const row = await erasureRow(erasure, tx, true);
        // A search that comes late finds another one's answer there, or an erasure that was run on it.
        if (row.state !== "finding") return { findings: 0 };
        // What was chosen meanwhile stays chosen.
        const kept = keptOf(row);
        await tx
          .update(erasures)
          .set({
            state: "found",
            foundAt: new Date().toISOString(),
            found: sealFound(erasure, found),
            sealed: sealKept(erasure, { ...kept, words: found.terms, tenants: found.tenants }),
          })
          .where(eq(erasures.id, erasure));
        return { findings: found.tables.reduce((sum, { rows }) => sum + rows.length, 0) };
      });
      return { erasure, rows: findings, notReached: found.notReached.length };
    } catch (error) {
      if (error instanceof Refusal && !["unreachable", "unknown_outcome"].includes(error.code)) {
        await inControl(job.actor, (tx) =>
          tx
            .update(erasures)
            .set({ state: "found", error: error.message })
            .where(and(eq(erasures.id, erasure), eq(erasures.state, "finding"))),
        );
      }
      throw error;
    }
  },
};
