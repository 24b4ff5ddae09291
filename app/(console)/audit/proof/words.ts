import type { StatusKind } from "#components/feedback/status.tsx";
import type { FindingKind, ProofStanding } from "#db/audit/proof/contract.ts";

export const findingWords: Record<FindingKind, string> = {
  changed: "Changed",
  vanished: "Vanished",
  inserted: "Inserted late",
  swapped: "Swapped",
  "rolled-back": "Rolled back",
  forked: "Forked",
  damaged: "Archive damaged",
};

/** A seal a minute: later than this, something keeps the sealer from its work. */
const lateMs = 5 * 60_000;

/** What a reader must know of a log first; the worst comes first. */
export function verdictOf(standing: ProofStanding, now: number): { kind: StatusKind; words: string } {
  const { verification, stopped, sealedAt } = standing;
  if (verification?.verdict === "bad") return { kind: "critical", words: "Tampered with" };
  if (stopped) return { kind: "critical", words: "Sealing has stopped" };
  if (!sealedAt) return { kind: "unknown", words: "Not sealed yet" };
  if (now - Date.parse(sealedAt) > lateMs) return { kind: "warning", words: "Sealing is late" };
  if (!verification) return { kind: "unknown", words: "Sealed, not verified yet" };
  return { kind: "good", words: "Sealed and verified" };
}

export function answerOf(standings: readonly ProofStanding[], now: number): string {
  const kinds = standings.map((standing) => verdictOf(standing, now).kind);
  const bad = kinds.filter((kind) => kind === "critical").length;
  if (bad > 0) return `${bad} of ${standings.length} logs need a person now.`;
  const good = kinds.filter((kind) => kind === "good").length;
  if (good === standings.length) return "Every log is sealed, and is what it was when it was sealed.";
  return `${good} of ${standings.length} logs are sealed and verified.`;
}
