import { type AuditFilter, unknownActor } from "#db/audit/contract.ts";

const labels: Record<keyof AuditFilter, string> = {
  database: "database",
  tenant: "tenant",
  actor: "actor",
  action: "action",
  schema: "schema",
  table: "table",
  record: "record id",
  from: "start of time",
  to: "end of time",
  request: "request",
  transaction: "transaction",
  text: "any id",
};

export function fieldLabel(field: keyof AuditFilter): string {
  return labels[field];
}

/** "Newest first: delete in payments since 30 days" as the screen's answer. */
export function filterSentence(filter: AuditFilter): string {
  const parts = [
    filter.action ? `only ${filter.action.join(" and ")}` : "",
    filter.table ? `in ${filter.schema ? `${filter.schema}.` : ""}${filter.table}` : "",
    filter.record ? `of record ${filter.record}` : "",
    filter.actor ? `by ${filter.actor === unknownActor ? "unknown actors" : filter.actor}` : "",
    filter.request ? `of request ${filter.request}` : "",
    filter.transaction ? `of transaction ${filter.transaction}` : "",
    filter.text ? `with the id ${filter.text}` : "",
    sinceWords(filter.from),
    filter.to ? `until ${filter.to}` : "",
  ].filter(Boolean);
  return parts.length === 0 ? "Every recorded change, newest first." : `Newest first, ${parts.join(", ")}.`;
}

function sinceWords(from: string | undefined): string {
  if (from === undefined) return "";
  const units: Record<string, string> = { h: "hours", d: "days", w: "weeks" };
  return from.startsWith("-") ? `in the last ${from.slice(1, -1)} ${units[from.at(-1) ?? "d"]}` : `since ${from}`;
}
