import type { StatusKind } from "#components/feedback/status.tsx";
import { count } from "#components/numbers/format.ts";
import type { BackupOverview, BackupState, BackupView, DatabaseBackups } from "#db/backups/contract.ts";

export const stateKinds: Record<BackupState, StatusKind> = {
  running: "neutral",
  good: "good",
  failed: "critical",
  damaged: "critical",
  missing: "critical",
  expired: "neutral",
};

/** "for 30 days" */
export function keptWords(days: number | null): string {
  if (days === null) return "until removed by hand";
  return days === 1 ? "for a day" : `for ${count(days)} days`;
}

/** Why a backup is there beyond its time, or will be. */
export const staysWords: Record<NonNullable<BackupView["stays"]>, string> = {
  held: "kept by a legal hold",
  newest: "stays while no newer good one is there",
};

const standings: Record<DatabaseBackups["standing"], { kind: StatusKind; word: string }> = {
  good: { kind: "good", word: "younger than a day" },
  old: { kind: "warning", word: "older than a day" },
  none: { kind: "critical", word: "no good backup" },
};

export function standingOf(database: DatabaseBackups): { kind: StatusKind; word: string } {
  return standings[database.standing];
}

/** "2 of 3 databases have a good backup younger than a day." */
export function answerOf({ databases }: BackupOverview): string {
  const good = databases.filter(({ standing }) => standing === "good").length;
  const all = databases.length;
  if (all === 1)
    return `The ${good === 1 ? "" : "only "}database has ${good === 1 ? "a" : "no"} good backup younger than a day.`;
  if (good === all) return `All ${all} databases have a good backup younger than a day.`;
  const have = good === 1 ? "has" : "have";
  return `${good === 0 ? "None" : good} of ${all} databases ${have} a good backup younger than a day.`;
}
