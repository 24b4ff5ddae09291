import type { AuditEntry } from "#db/audit/contract.ts";
import { is, printQuery } from "#db/audit/query/contract.ts";

export function entryHref(entry: Pick<AuditEntry, "database" | "id">): string {
  return `/audit/${entry.database}/${entry.id}`;
}

/** The history of one record; null where the entry names none. */
export function recordHref(entry: Pick<AuditEntry, "database" | "schema" | "table" | "record">): string | null {
  const { database, schema, table, record } = entry;
  if (schema === null || table === null || record === null) return null;
  return `/audit/record?${new URLSearchParams({ database, schema, table, key: record })}`;
}

/** The log narrowed to one value. */
export function auditHref(filter: Record<string, string>): string {
  return `/audit?${new URLSearchParams(filter)}`;
}

/** One transaction as a story. */
export function transactionHref({
  database,
  transaction,
  at,
}: Pick<AuditEntry, "database" | "transaction" | "at">): string {
  return `/audit/transaction/${database}/${transaction}?${new URLSearchParams({ near: at })}`;
}

/** Everything that one request did, as a story. A time within it finds it also in an archived month. */
export function requestHref(request: string, near?: string): string {
  return `/audit/transaction?${new URLSearchParams({ request, ...(near === undefined ? {} : { near }) })}`;
}

/** An archived month: what is in it, and how it is brought back. */
export function monthHref(database: string, month: string): string {
  return `/audit/retention/${database}/${month}`;
}

/** An address without the archived months that it names. */
export function withoutArchive(path: string, params: Record<string, string | string[] | undefined>): string {
  const kept = Object.entries(params).flatMap(([name, value]) => {
    const one = [value].flat()[0];
    return name === "archive" || one === undefined ? [] : [[name, one]];
  });
  const query = new URLSearchParams(kept).toString();
  return `${path}${query && `?${query}`}`;
}

/** What somebody did in other people's names: an actor's entries are those in their own. */
export function impersonatorHref(actor: string): string {
  return auditHref({ q: printQuery([is("impersonator", actor)]) });
}

/** What one actor did. */
export function actorHref(actor: string): string {
  return `/audit/actor?${new URLSearchParams({ id: actor })}`;
}

/** Who deleted what is called so. */
export function whoHref(text: string, more: Record<string, string> = {}): string {
  return `/audit/who?${new URLSearchParams({ q: text, ...more })}`;
}
