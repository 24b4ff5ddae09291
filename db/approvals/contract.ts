import { z } from "zod";

/** What a person gave with a dangerous act; `db/danger.ts` says which parts an act needs. */
export const consentSchema = z.object({
  reason: z.string().trim().max(500).optional(),
  /** The subject's name, typed by hand. */
  typed: z.string().max(500).optional(),
  /** The hash of the plan that was shown. */
  planHash: z.string().max(200).optional(),
  approvalId: z.uuid().optional(),
});

export type Consent = z.infer<typeof consentSchema>;

export const proposeSchema = z.object({
  verb: z.string().regex(/^[a-z]+(\.[a-z_]+)+$/, "is not a verb's name"),
  subject: z.string().trim().min(1).max(500),
  planHash: z.string().min(1).max(200),
  reason: z.string().trim().min(1, "Say why, for whoever decides.").max(500),
});

export type Proposal = z.infer<typeof proposeSchema>;

export const decideSchema = z.object({
  id: z.uuid(),
  /** The plan that was looked at: a decision holds for this one only. */
  planHash: z.string().min(1).max(200),
  decision: z.enum(["approve", "decline"]),
});

export type Decision = z.infer<typeof decideSchema>;

export const withdrawSchema = z.object({ id: z.uuid() });

export const approvalFilter = z.object({
  state: z.enum(["open", "all"]).default("open"),
  cursor: z.string().optional(),
});

export type ApprovalFilter = z.infer<typeof approvalFilter>;

export type ApprovalState = "proposed" | "approved" | "declined" | "used" | "expired";

/** A proposal as people see it. Times are PostgreSQL's text. */
export interface Approval {
  id: string;
  verb: string;
  subject: string;
  planHash: string;
  reason: string;
  state: ApprovalState;
  proposedBy: { id: string; name: string };
  proposedAt: string;
  expiresAt: string;
  approvedBy: string | null;
  approvedAt: string | null;
  declinedBy: string | null;
  declinedAt: string | null;
  usedAt: string | null;
}
