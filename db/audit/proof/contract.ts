import { z } from "zod";
import { consentSchema } from "../../approvals/contract.ts";

export const verifyInput = z.object({ databaseId: z.union([z.uuid(), z.literal("console")]) });

/** Whose values go: those of some records of a table, or the addresses and programs by which one actor acted. */
export const erasureInput = z.object({
  databaseId: z.uuid(),
  subject: z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("records"),
      schema: z.string().min(1).max(63),
      table: z.string().min(1).max(63),
      records: z.array(z.string().min(1).max(400)).min(1).max(1_000),
      columns: z.array(z.string().min(1).max(63)).min(1).max(200),
    }),
    z.object({ kind: z.literal("actor"), user: z.string().min(1).max(200) }),
  ]),
});

export type ErasureInput = z.infer<typeof erasureInput>;

export interface ErasurePlan {
  /** What to type. */
  subject: string;
  /** All of them, wherever they lie. */
  entries: number;
  /** The archived files that hold such entries; each is written anew. */
  archived: { month: string; entries: number }[];
  hash: string;
}

export const epochInput = z.object({ databaseId: z.union([z.uuid(), z.literal("console")]) });

export type EpochInput = z.infer<typeof epochInput>;

export const beginEpochInput = epochInput.extend(consentSchema.shape);

export type BeginEpoch = z.infer<typeof beginEpochInput>;

/** What a new epoch of a log would begin with. */
export interface EpochPlan {
  databaseId: string;
  name: string;
  /** Entries that were sealed, and how many of them are not in the database any more. */
  sealed: number;
  lost: number;
  /** The last sealed entry that is still there; null when none is. */
  lastEntry: string | null;
  /** Why sealing stopped. */
  why: string;
  hash: string;
}

/** The name that is typed to confirm; the second person sees by it what is given up. */
export function epochSubject({ name, lost }: EpochPlan): string {
  return `${name} without ${lost} sealed entries`;
}

export type FindingKind = "changed" | "vanished" | "inserted" | "swapped" | "rolled-back" | "forked" | "damaged";

/** How one audited database's log stands. Times are ISO 8601 or PostgreSQL's text. */
export interface ProofStanding {
  databaseId: string;
  name: string;
  size: number;
  /** When the sealer last took what it could, also when that was nothing. */
  sealedAt: string | null;
  /** When the oldest entry was written that it had to leave then; null when it left none. */
  unsealedSince: string | null;
  /** The newest checkpoint, as a signed note. */
  checkpoint: { note: string; size: number; signedAt: string; publishedAt: string | null } | null;
  stopped: string | null;
  verification: {
    verdict: "good" | "bad";
    size: number;
    entries: number;
    erased: number;
    archived: number;
    expired: number;
    lost: number;
    findingCount: number;
    findings: { kind: FindingKind; entry: string | null; message: string }[];
    finishedAt: string;
  } | null;
}
