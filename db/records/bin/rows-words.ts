import type { AuditEntry } from "../../audit/contract.ts";
import type { Audited } from "../../audit/scope.ts";
import type { DeletedRow } from "../contract.ts";
import type { SoftRow } from "./rows-soft.ts";

const dayMs = 86_400_000;

/** A hard deletion as a row of the list. */
export function fromHard(
  entry: AuditEntry,
  image: { label: string | null; masked: boolean },
  together: number,
): DeletedRow {
  return {
    ...fromEntry(entry, together),
    database: entry.database,
    databaseName: entry.databaseName,
    kind: "hard",
    schema: entry.schema ?? "",
    table: entry.table ?? "",
    record: entry.record,
    label: image.label?.startsWith("masked:") ? null : image.label,
    at: entry.at,
    tenant: entry.tenant,
    movedTo: null,
    purgeAt: null,
    evidence: image.masked
      ? "The audit log holds the row as it was, but for its masked fields."
      : "The audit log holds the whole row as it was.",
  };
}

/** A soft-deleted row, with the audit entry that marked it where there is one. */
export function fromSoft(
  database: Audited,
  found: SoftRow,
  mark: AuditEntry | null,
  keptDays: number | null,
  together: number,
): DeletedRow {
  return {
    ...(mark ? fromEntry(mark, together) : { actor: null, reason: null, entry: null, transaction: null, together: 1 }),
    database: database.id,
    databaseName: database.name,
    kind: "soft",
    schema: found.schema,
    table: found.table,
    record: found.record,
    label: found.label,
    at: found.at,
    tenant: found.tenant,
    movedTo: null,
    purgeAt: purgeAt(found.at, keptDays),
    evidence: mark
      ? `The row is still in its table; ${found.column} marks it, and the audit log says who set it.`
      : `The row is still in its table; ${found.column} marks it, but who set it was not recorded.`,
  };
}

function fromEntry(entry: AuditEntry, together: number) {
  return { actor: entry.actor, reason: entry.reason, entry: entry.id, transaction: entry.transaction, together };
}

function purgeAt(at: string | null, keptDays: number | null): string | null {
  if (at === null || keptDays === null) return null;
  return new Date(Date.parse(at) + keptDays * dayMs).toISOString();
}
