import { z } from "zod";
import { consentSchema } from "../../approvals/contract.ts";

export const removeLeftoversInput = consentSchema.extend({
  planHash: z.string().min(1).max(200),
  /** Which of them; all that are certain where it is absent. */
  ids: z.preprocess(
    (value) => (value === "" ? undefined : typeof value === "string" ? value.split("\n") : value),
    z.array(z.string().min(1).max(300)).min(1).max(1_000).optional(),
  ),
});
export type RemoveLeftovers = z.infer<typeof removeLeftoversInput>;

const swept = z.object({ id: z.string(), name: z.string(), removed: z.boolean(), line: z.string() });

/** What one of them came to. */
export type Swept = z.infer<typeof swept>;

/** The result of a job that removed leftovers. */
export const sweepResult = z.object({ removed: z.number(), kept: z.number(), swept: z.array(swept) });
export type SweepResult = z.infer<typeof sweepResult>;
