import type { FindingKind, ProofStanding } from "#db/audit/proof/contract.ts";
import { verdictOf } from "#db/audit/proof/verdict.ts";

export const findingWords: Record<FindingKind, string> = {
  changed: "Changed",
  vanished: "Vanished",
  inserted: "Inserted late",
  swapped: "Swapped",
  "rolled-back": "Rolled back",
  forked: "Forked",
  damaged: "Archive damaged",
};

export function answerOf(standings: readonly ProofStanding[], now: number): string {
  const kinds = standings.map((standing) => verdictOf(standing, now).kind);
  const bad = kinds.filter((kind) => kind === "critical").length;
  if (bad > 0) return `${bad} of ${standings.length} logs ${bad === 1 ? "needs" : "need"} a person now.`;
  const good = kinds.filter((kind) => kind === "good").length;
  if (good === standings.length) return "Every log is sealed, and is what it was when it was sealed.";
  return `${good} of ${standings.length} logs ${good === 1 ? "is" : "are"} sealed and verified.`;
}
