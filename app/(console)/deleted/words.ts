import type { EntryActor } from "#db/audit/contract.ts";

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
