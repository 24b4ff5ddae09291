import type { StatusKind } from "#components/feedback/status.tsx";
import type { AdoptionState } from "#db/databases/status.ts";

/** How each state of an adoption is drawn and named. */
export const stateLook: Record<AdoptionState, { kind: StatusKind; word: string }> = {
  adopted: { kind: "good", word: "adopted" },
  drifted: { kind: "warning", word: "drifted" },
  interrupted: { kind: "warning", word: "half adopted" },
  confirmed: { kind: "neutral", word: "not adopted" },
  unconfirmed: { kind: "neutral", word: "not adopted" },
  unreachable: { kind: "unknown", word: "no answer" },
};
