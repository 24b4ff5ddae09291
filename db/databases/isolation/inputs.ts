import { z } from "zod";

export const acceptFindingInput = z.object({
  databaseId: z.uuid(),
  key: z.string().min(1).max(1_000),
  evidence: z.string().length(64),
  reason: z.string().trim().min(3, "Say why it may stay.").max(1_000),
});

export const withdrawAcceptanceInput = z.object({ acceptanceId: z.uuid() });

export const relationQuery = z.object({
  schema: z.string().max(63),
  name: z.string().max(2_000),
  kind: z.enum(["table", "partition", "view", "materialized view", "function"]),
});

export type AcceptFinding = z.infer<typeof acceptFindingInput>;
export type WithdrawAcceptance = z.infer<typeof withdrawAcceptanceInput>;
