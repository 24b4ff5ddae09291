import {
  type CheckOutcome,
  type ColumnMethod,
  type ErasureCheck,
  type ErasureItem,
  type ErasurePlan,
  type ErasureRecord,
  type NotReached,
  outcomeOf,
} from "#db/records/erasure/contract.ts";
import { facts, table } from "../table.ts";

/** A plan as people read it in a terminal: each finding with what becomes of it, and what was not reached. */
export function erasurePlanText(record: ErasureRecord, plan: ErasurePlan | null): string {
  const head = facts([
    ["erasure", record.id],
    ["person", `${record.subject} in ${record.databaseName}`],
    ["basis", record.basis],
    ["state", record.state],
    ...(record.lastCheck ? [["last check", outcomeWords[outcomeOf(record.lastCheck)]] as [string, string]] : []),
    ...(record.error === null ? [] : [["error", record.error] as [string, string]]),
  ]);
  if (!plan) return head;
  const items = table(
    [
      { title: "finding", value: (item: ErasureItem) => item.key },
      { title: "count", value: (item) => (item.beyond === 0 ? String(item.count) : `${item.count}+${item.beyond}`) },
      { title: "method", value: (item) => methodText(item) },
      { title: "held", value: (item) => (item.held === 0 ? "" : String(item.held)) },
    ],
    plan.items,
  );
  const said = plan.items.flatMap(({ key, problems, method, why }) => [
    ...problems.map((problem) => `problem ${key}: ${problem}`),
    ...(method === "open" && why !== null ? [`open ${key}: ${why}`] : []),
  ]);
  const backups = plan.backups.map(
    ({ id, database, startedAt, expiresAt, stays }) =>
      `backup ${id}${database === undefined ? "" : ` of ${database}`} of ${startedAt} holds them until ${expiresAt ?? "its file is removed by hand"}${expiresAt && stays ? `, longer where ${stays === "held" ? "a legal hold keeps it" : "no newer good one is there"}` : ""}`,
  );
  const papers = plan.papers.map(
    ({ id, kind, tenantId, madeAt }) =>
      `${kind} ${id} of ${madeAt} of the tenant ${tenantId} may hold them until it is removed`,
  );
  const unread = plan.notReached.map(unreadText);
  const foot = facts([
    ["status", plan.status],
    ["words", plan.terms.join(", ") || "none"],
    [
      "rows",
      `${plan.redacted} redacted, ${plan.beyond} more in batches, ${plan.deleted} deleted, ${plan.held} held; ${plan.entries} entries of the log`,
    ],
    ["hash", plan.hash],
  ]);
  return [head, items, [...said, ...backups, ...papers, ...unread].join("\n"), foot].filter(Boolean).join("\n\n");
}

function methodText({ method, columns, why }: ErasureItem): string {
  if (method === "redact" && columns.length > 0)
    return columns.map((one) => `${one.name}=${columnText(one.method)}`).join(" ");
  return method === "keep" ? `keep: ${why}` : method;
}

function columnText(method: ColumnMethod | null): string {
  if (method === null) return "?";
  return method.do === "text" ? `text:${method.to}` : method.do;
}

export const outcomeWords: Record<CheckOutcome, string> = {
  clean: "nothing is left",
  left: "something is left",
  unread: "not all was looked at",
};

/** What a search after an erasure found, and what it could not look at. */
export function checkText(check: Pick<ErasureCheck, "clean" | "remaining" | "notReached">): string {
  const words: Record<CheckOutcome, string> = {
    clean: "Nothing is left.",
    left: `Found again: ${check.remaining.map(({ where, count }) => `${count} in ${where}`).join(", ")}.`,
    unread: "Nothing was found, but not all was looked at.",
  };
  return [words[outcomeOf(check)], ...check.notReached.map(unreadText)].join("\n");
}

function unreadText({ where, why }: NotReached): string {
  return `not reached ${where}: ${why}`;
}
