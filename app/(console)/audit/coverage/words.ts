import type { StatusKind } from "#components/feedback/status.tsx";
import type { CoverageState, NoisyColumn } from "#db/audit/coverage/contract.ts";

/** How each state of a table is drawn and named. */
export const stateLook: Record<CoverageState, { kind: StatusKind; word: string }> = {
  off: { kind: "critical", word: "switched off" },
  missing: { kind: "critical", word: "not recorded yet" },
  new: { kind: "warning", word: "undecided" },
  drifted: { kind: "warning", word: "drifted" },
  left_out: { kind: "neutral", word: "left out" },
  recorded: { kind: "good", word: "recorded" },
};

/** "in 98 % of the changes, alone in 34 %". */
export function noiseWords({ updates, changed, alone }: NoisyColumn): string {
  const share = (part: number) => `${Math.floor((100 * part) / updates)} %`;
  const changes = `in ${share(changed)} of the newest ${updates} changes`;
  return alone === 0 ? changes : `${changes}; ${share(alone)} changed nothing of worth`;
}

export function coverageHref(database: string, more: Record<string, string> = {}): string {
  return `/audit/coverage?${new URLSearchParams({ database, ...more })}`;
}

/** What stands for the console's own log where a database's id stands for another's. */
export const consoleLog = "console";
