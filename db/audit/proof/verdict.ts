import type { ProofStanding } from "./contract.ts";

export interface ProofVerdict {
  kind: "critical" | "warning" | "unknown" | "good";
  words: string;
  /** One sentence. */
  why: string;
}

/** A seal a minute: later than this, something keeps the sealer from its work. */
export const lateSeconds = { warning: 5 * 60, critical: 15 * 60 };

/** Each log is compared with its tree every night: so long without, and nobody knows any more whether it is what was sealed. */
export const verifiedDaysMax = 3;

/** What a reader must know of a log first; the worst comes first. `now` is in milliseconds. */
export function verdictOf(standing: ProofStanding, now: number): ProofVerdict {
  const { verification, stopped, sealedAt } = standing;
  if (verification?.verdict === "bad")
    return { kind: "critical", words: "Tampered with", why: firstFinding(verification) };
  if (stopped) return { kind: "critical", words: "Sealing has stopped", why: stopped };
  if (!sealedAt) return { kind: "unknown", words: "Not sealed yet", why: "The worker seals it within a minute." };
  const late = lateness(standing, now);
  if (late) return late;
  if (!verification)
    return { kind: "unknown", words: "Sealed, not verified yet", why: "It is compared with its tree every night." };
  const days = daysSince(verification.finishedAt, now);
  if (days >= verifiedDaysMax)
    return { kind: "unknown", words: "Sealed, not verified lately", why: comparedLongAgo(days) };
  return { kind: "good", words: "Sealed and verified", why: "Every entry is what it was when it was sealed." };
}

/** The sealer may run every minute and yet have to leave entries, for hours. */
function lateness({ sealedAt, unsealedSince }: ProofStanding, now: number): ProofVerdict | null {
  const idle = sealedAt ? (now - Date.parse(sealedAt)) / 1_000 : 0;
  const waiting = unsealedSince ? (now - Date.parse(unsealedSince)) / 1_000 : 0;
  const late = Math.max(idle, waiting);
  if (late <= lateSeconds.warning) return null;
  const minutes = Math.floor(late / 60);
  const why =
    waiting > idle
      ? `Entries wait for their seal for ${minutes} minutes: an older transaction still runs, or the sealer has to catch up.`
      : `Nothing was sealed for ${minutes} minutes.`;
  return { kind: late > lateSeconds.critical ? "critical" : "warning", words: "Sealing is late", why };
}

export function daysSince(at: string, now: number): number {
  return Math.floor((now - Date.parse(at)) / 86_400_000);
}

export function comparedLongAgo(days: number): string {
  return `It was last compared with its tree ${days} days ago.`;
}

export function firstFinding({ findings, findingCount }: NonNullable<ProofStanding["verification"]>): string {
  const [first] = findings;
  const more = findingCount > 1 ? ` ${findingCount} findings in all.` : "";
  return `${first?.message ?? "The log and its tree disagree."}${more}`;
}
