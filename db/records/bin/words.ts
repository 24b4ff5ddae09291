import type { AuditEntry } from "../../audit/contract.ts";
import { partsText, storyParts } from "../../audit/story-sentence.ts";
import type { KeptDays } from "../retention/kept-days.ts";
import type { Deletion, DeletionTable } from "./contract.ts";
import type { Extent } from "./extent.ts";
import type { Followed } from "./followed.ts";

const dayMs = 86_400_000;

const stayed: Followed = { lives: [], back: 0 };

/** A deletion as its newest entry and its extent tell it. */
export function tellDeletion(
  entry: AuditEntry,
  extent: Extent,
  kept: KeptDays,
  tenants: ReadonlyMap<string, string>,
  { lives, back }: Followed = stayed,
): Deletion {
  const { database, databaseName, transaction, at, id, actor, ip, request, reason } = entry;
  const counts = extent.tables.map(({ schema, table, tenant, rows }) => ({
    action: "delete",
    schema,
    table,
    tenant,
    rows,
  }));
  const parts = storyParts(counts, { actor, tenants, more: extent.more });
  return {
    ...{ database, databaseName, transaction, at, entry: id, actor, ip, request, reason, parts },
    sentence: partsText(parts),
    ...extent,
    open: extent.open === null ? null : extent.open - back,
    lives,
    purgeAt: purgeAt(at, extent.tables, kept),
    evidence: evidence(extent.tables),
  };
}

function purgeAt(at: string, tables: readonly DeletionTable[], kept: KeptDays): string | null {
  const days = tables.flatMap((taken) => (taken.kind === "soft" ? (kept(taken) ?? []) : []));
  return days.length === 0 ? null : new Date(Date.parse(at) + Math.min(...days) * dayMs).toISOString();
}

function evidence(tables: readonly DeletionTable[]): string {
  const gone = tables.some(({ kind }) => kind === "hard");
  const marked = tables.some(({ kind }) => kind === "soft");
  if (gone && marked)
    return "Some rows are gone, and the audit log holds them as they were; the others are still in their tables, marked.";
  return gone
    ? "The rows are gone from their tables; the audit log holds them as they were."
    : "The rows are still in their tables, marked as deleted.";
}
