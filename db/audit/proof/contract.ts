import { z } from "zod";

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
    findingCount: number;
    findings: { kind: FindingKind; entry: string | null; message: string }[];
    finishedAt: string;
  } | null;
}
