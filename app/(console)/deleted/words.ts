import { count } from "#components/numbers/format.ts";
import type { EntryActor } from "#db/audit/contract.ts";
import type { Deletion, DeletionRow, UnrecordedDeletion } from "#db/records/bin/contract.ts";

const dayMs = 86_400_000;

/** Who deleted it, as briefly as a cell allows. */
export function actorText(actor: EntryActor | null): string {
  if (actor === null) return "not recorded";
  return actor.name ?? actor.id ?? (actor.role === null ? "unknown" : `unknown (${actor.role})`);
}

/** How much longer it stays before it may be purged. */
export function purgeText(purgeAt: string | null, now: number): string {
  if (purgeAt === null) return "no limit";
  const days = Math.ceil((Date.parse(purgeAt) - now) / dayMs);
  if (days <= 0) return "purge is due";
  return days === 1 ? "1 day" : `${days} days`;
}

/** How many rows a deletion took; more than were counted are said to be more. */
export function extentText({ rows, more }: Pick<Deletion, "rows" | "more">): string {
  return `${rows.toLocaleString("en")}${more ? "+" : ""}`;
}

/** How much of a deletion is deleted still. */
export function openText({ open, rows }: Pick<Deletion, "rows" | "open">): string {
  if (open === null) return "not looked at";
  if (open === 0) return "none";
  return open === rows ? "all" : `${open.toLocaleString("en")} of ${rows.toLocaleString("en")}`;
}

export const stateWords: Record<DeletionRow["state"], string> = {
  deleted: "deleted",
  back: "live again",
  removed: "removed since",
};

/** How many rows went unrecorded, as far as PostgreSQL's counts tell. */
export function removedText({ rows, beganAnew }: Pick<UnrecordedDeletion, "rows" | "beganAnew">): string {
  return beganAnew ? `about ${count(rows)}, or more` : `up to ${count(rows)}`;
}
