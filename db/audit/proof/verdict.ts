import type { ProofStanding } from "./contract.ts";

export interface ProofVerdict {
  kind: "critical" | "warning" | "unknown" | "good";
  words: string;
  /** One sentence. */
  why: string;
}

/** A seal a minute: later than this, something keeps the sealer from its work. */
export const lateSeconds = { warning: 5 * 60, critical: 15 * 60 };

/** What a reader must know of a log first; the worst comes first. `now` is in milliseconds. */
export function verdictOf({ verification, stopped, sealedAt }: ProofStanding, now: number): ProofVerdict {
  if (verification?.verdict === "bad")
    return { kind: "critical", words: "Tampered with", why: firstFinding(verification) };
  if (stopped) return { kind: "critical", words: "Sealing has stopped", why: stopped };
  if (!sealedAt) return { kind: "unknown", words: "Not sealed yet", why: "The worker seals it within a minute." };
  const late = (now - Date.parse(sealedAt)) / 1_000;
  if (late > lateSeconds.warning) {
    const why = `Nothing was sealed for ${Math.floor(late / 60)} minutes.`;
    return { kind: late > lateSeconds.critical ? "critical" : "warning", words: "Sealing is late", why };
  }
  if (!verification)
    return { kind: "unknown", words: "Sealed, not verified yet", why: "It is compared with its tree every night." };
  return { kind: "good", words: "Sealed and verified", why: "Every entry is what it was when it was sealed." };
}

export function firstFinding({ findings, findingCount }: NonNullable<ProofStanding["verification"]>): string {
  const [first] = findings;
  const more = findingCount > 1 ? ` ${findingCount} findings in all.` : "";
  return `${first?.message ?? "The log and its tree disagree."}${more}`;
}
