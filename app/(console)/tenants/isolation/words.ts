import type { StatusKind } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import type {
  IsolationRun,
  Outcome,
  RelationKind,
  RelationVerdict,
  Severity,
} from "#db/databases/isolation/contract.ts";
import { staleHours } from "#db/databases/isolation/contract.ts";

export const verdictLooks: Record<RelationVerdict, { kind: StatusKind; word: string }> = {
  leaks: { kind: "critical", word: "leaks" },
  unproven: { kind: "unknown", word: "not proven" },
  unprotected: { kind: "neutral", word: "no row security" },
  proven: { kind: "good", word: "kept apart" },
};

export const outcomeLooks: Record<Outcome, { kind: StatusKind; word: string }> = {
  leaked: { kind: "critical", word: "leaked" },
  unproven: { kind: "unknown", word: "not known" },
  skipped: { kind: "neutral", word: "not tried" },
  held: { kind: "good", word: "held" },
};

export const severityKinds: Record<Severity, StatusKind> = {
  critical: "critical",
  warning: "warning",
  note: "neutral",
};

/** The answer of one check, in one sentence. */
export function runSentence(run: IsolationRun): string {
  const { tables, leaking, unproven, unprotected, critical } = run;
  if (tables === 0) return "There is no table with rows of several tenants.";
  if (tables === unprotected)
    return `None of ${counted(tables, "table")} has row security: the application alone keeps tenants apart.`;
  const accepted = leaking > 0 && critical === 0 ? ", as accepted" : "";
  const first =
    leaking > 0
      ? `${leaking} of ${counted(tables, "table")} ${leaking === 1 ? "leaks" : "leak"}${accepted}`
      : critical > 0
        ? `No table leaks by itself, but there ${critical === 1 ? "is" : "are"} ${counted(critical, "critical finding")}`
        : `None of ${counted(tables, "table")} leaks`;
  const left = unproven > 0 ? `; ${unproven} could not be proven` : "";
  const open = unprotected > 0 ? `; ${unprotected} have no row security` : "";
  return `${first}${left}${open}.`;
}

export function runKind(run: IsolationRun): StatusKind {
  if (run.critical > 0) return "critical";
  if (run.tables === 0 || run.tables === run.unprotected) return "neutral";
  if (run.warnings > 0) return "warning";
  return run.unproven > 0 ? "unknown" : "good";
}

export function isStale(run: IsolationRun, nowMs: number): boolean {
  return nowMs - Date.parse(run.finishedAt) > staleHours * 3_600_000;
}

export function relationHref(
  databaseId: string,
  { schema, name, kind }: { schema: string; name: string; kind: RelationKind },
): string {
  return `/tenants/isolation/${databaseId}/relation?${new URLSearchParams({ schema, name, kind })}`;
}

export function relationName({ schema, name, kind }: { schema: string; name: string; kind?: string }): string {
  if (name === "") return "The whole database";
  return schema === "public" || kind === "function" || name.startsWith(`${schema}.`) ? name : `${schema}.${name}`;
}
