import type { StatusKind } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import type { Policy } from "#db/records/retention/contract.ts";
import type { DatabaseRetention } from "#db/records/retention/overview.ts";
import type { PurgeRun } from "#db/records/retention/runs.ts";

/** "kept for 30 days", "removed at the next run", "never removed". */
export function policyWords({ deletion, graceDays }: Pick<Policy, "deletion" | "graceDays">): string {
  if (deletion === "never") return "never removed";
  if (deletion === "hard") return "removed at the next run";
  return `kept for ${counted(graceDays, "day")}, then removed`;
}

export function whoseWords(tenant: string | null): string {
  return tenant === null ? "all of it" : `tenant ${tenant}`;
}

export function policyState({ deletion, onAt }: Policy): { kind: StatusKind; word: string } {
  if (deletion === "never") return { kind: "good", word: "holds" };
  return onAt === null ? { kind: "neutral", word: "dry runs" } : { kind: "good", word: "on" };
}

export function retentionAnswer(databases: readonly DatabaseRetention[]): string {
  const tables = databases.flatMap((database) => database.tables);
  if (tables.length === 0) return "No table marks its deleted rows, so that there is nothing to purge.";
  const policies = tables.flatMap((table) => table.policies).filter(({ deletion, as }) => deletion !== "never" && !as);
  if (policies.length === 0)
    return `No policy is set: ${counted(tables.length, "table")} ${tables.length === 1 ? "keeps" : "keep"} all marked rows.`;
  const on = policies.filter(({ onAt }) => onAt !== null).length;
  const without = tables.filter((table) => table.policies.length === 0).length;
  const parts = [
    `${counted(on, "policy", "policies")} ${on === 1 ? "removes" : "remove"} rows`,
    `${policies.length - on} only ${policies.length - on === 1 ? "counts" : "count"}`,
    `${counted(without, "table")} ${without === 1 ? "keeps" : "keep"} everything`,
  ];
  return `${parts.join(", ")}.`;
}

export function runState({ state, error }: PurgeRun): { kind: StatusKind; word: string } {
  if (state === "failed") return { kind: "critical", word: "failed" };
  if (state === "running") return { kind: "neutral", word: "running" };
  return error === null ? { kind: "good", word: "done" } : { kind: "warning", word: "done, not all" };
}
