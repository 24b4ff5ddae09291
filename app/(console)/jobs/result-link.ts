import type { JobView } from "#db/jobs/contract.ts";

/** Where to watch a job: a move has a screen of its own. */
export function jobHref({ id, kind }: JobView): string {
  return kind === "moves.run" ? `/tenants/moves/job/${id}` : `/jobs/${id}`;
}

/** Where to look at what a finished job made. */
export function resultLink({ id, state, kind, result }: JobView): { href: string; label: string } | null {
  if (kind === "moves.run") return { href: `/tenants/moves/job/${id}`, label: "Look at the move" };
  if (kind === "moves.sweep") return { href: "/tenants/moves/leftovers", label: "Look at the leftovers" };
  if (state !== "done" || !result) return null;
  if (kind.startsWith("backups.") && typeof result.backupId === "string") {
    return { href: `/backups/${result.backupId}`, label: "Look at the backup" };
  }
  if (kind.startsWith("databases.") && typeof result.databaseId === "string") {
    return { href: `/databases/${result.databaseId}`, label: "Look at the database" };
  }
  if (kind === "audit.export" && typeof result.exportId === "string") {
    return { href: `/audit/exports/${result.exportId}`, label: "Look at the export" };
  }
  if (kind === "records.restore" && typeof result.restoreId === "string") {
    return { href: `/deleted/restores/${result.restoreId}`, label: "Look at the report" };
  }
  if (kind.startsWith("records.era") && typeof result.erasure === "string") {
    return { href: `/deleted/erasures/${result.erasure}`, label: "Look at the erasure" };
  }
  if (["tenants.create", "tenants.export", "tenants.leave"].includes(kind) && typeof result.tenantId === "string") {
    return { href: `/tenants/${result.tenantId}`, label: "Look at the tenant" };
  }
  return null;
}
