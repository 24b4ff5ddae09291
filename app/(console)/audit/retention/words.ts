import type { StatusKind } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import type { DatabaseMonths, LegalHold, MonthState } from "#db/audit/retention/contract.ts";

export const stateWords: Record<MonthState, { kind: StatusKind; word: string }> = {
  ahead: { kind: "neutral", word: "made ahead" },
  hot: { kind: "good", word: "in PostgreSQL" },
  due: { kind: "warning", word: "to be archived" },
  archiving: { kind: "neutral", word: "being written" },
  stored: { kind: "neutral", word: "stored, still in PostgreSQL" },
  cold: { kind: "neutral", word: "archived" },
  returning: { kind: "neutral", word: "coming back" },
  expired: { kind: "unknown", word: "removed" },
};

/** "12 months", "7 years". */
export function period(months: number | null): string {
  if (months === null) return "always";
  return months % 12 === 0 ? counted(months / 12, "year") : counted(months, "month");
}

/** The answer of the screen in one sentence. */
export function answerOf(databases: readonly DatabaseMonths[], holds: readonly LegalHold[]): string {
  const all = databases.flatMap(({ months }) => months);
  const having = (state: MonthState) => all.filter((month) => month.state === state).length;
  const standing = holds.filter(({ releasedAt }) => releasedAt === null).length;
  const silent = databases.filter((database) => database.silent !== null).length;
  const parts = [
    `${counted(all.length - having("ahead") - having("cold") - having("expired"), "month")} of the log in PostgreSQL`,
    `${counted(having("cold"), "month")} archived`,
    ...(having("due") > 0 ? [`${having("due")} to be archived`] : []),
    ...(silent > 0 ? [`${counted(silent, "database")} did not say`] : []),
    ...(standing > 0 ? [`${counted(standing, "legal hold")}`] : []),
  ];
  return `${parts.join(", ")}.`;
}

/** What a hold or a rule speaks of. */
export function scopeWords(scope: { table: string | null; tenant: string | null; record?: string | null }): string {
  const parts = [
    scope.table && `table ${scope.table}`,
    scope.tenant && `tenant ${scope.tenant}`,
    scope.record && `record ${scope.record}`,
  ].filter(Boolean);
  return parts.length === 0 ? "everything" : parts.join(", ");
}
