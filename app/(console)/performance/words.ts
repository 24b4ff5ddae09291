import { bytes, count, counted, percent } from "#components/numbers/format.ts";
import { duration } from "#components/time/duration.ts";
import type { FleetHealth, Unit, Verdict } from "#db/health/contract.ts";

export const verdictWords: Record<Verdict, string> = {
  critical: "critical",
  warning: "warning",
  unknown: "unknown",
  good: "good",
  neutral: "measured",
};

const urgency: Verdict[] = ["critical", "warning", "unknown", "good", "neutral"];

export function byUrgency<T extends { verdict: Verdict }>(all: readonly T[]): T[] {
  return all.toSorted((one, other) => urgency.indexOf(one.verdict) - urgency.indexOf(other.verdict));
}

/** "1 of 3 databases needs attention; 4 checks are unknown." A database that is away needs attention too. */
export function answerOf({ databases, silent }: FleetHealth): string {
  const all = databases.length + silent.length;
  const ailing =
    databases.filter(({ verdict }) => verdict === "critical" || verdict === "warning").length + silent.length;
  const unknown = databases.flatMap(({ checks }) => checks).filter(({ verdict }) => verdict === "unknown").length;
  const need = ailing === 1 ? "needs" : "need";
  const first = `${ailing === 0 ? "None" : ailing} of ${counted(all, "database")} ${ailing === 0 ? "needs" : need} attention`;
  if (unknown === 0) return `${first}.`;
  return `${first}; ${counted(unknown, "check")} ${unknown === 1 ? "is" : "are"} unknown.`;
}

export function amount(value: string | number | null, unit: Unit): string {
  if (value === null) return "unknown";
  if (typeof value === "string") return value;
  switch (unit) {
    case "bytes":
      return bytes(value);
    case "ratio":
      return percent(value);
    case "seconds":
      return value === 0 ? "none" : duration(value * 1000);
    default:
      return count(Math.round(value));
  }
}
