import { LinkButton } from "#components/ui/button.tsx";
import type { Actor } from "#db/actor.ts";
import type { AuditEntry } from "#db/audit/contract.ts";
import { monthHref } from "./addresses.ts";

interface RestoreLinkProps {
  actor: Actor;
  entry: Pick<AuditEntry, "database" | "archived" | "left">;
  /** What the plan is asked for. */
  query: Record<string, string>;
}

/**
 * The way to bring a deleted row back. A restore is planned from the log, so that an archived month has to come back first; that of a
 * database that left has nowhere to.
 */
export function RestoreLink({ actor, entry, query }: RestoreLinkProps) {
  if (entry.left || entry.database === "console" || !actor.capabilities.has("records.read")) return null;
  if (entry.archived !== undefined) {
    return (
      <LinkButton href={monthHref(entry.database, entry.archived)}>
        Bring {entry.archived} back to restore it
      </LinkButton>
    );
  }
  return (
    <LinkButton look="primary" href={`/deleted/restore?${new URLSearchParams(query)}`}>
      Plan a restore
    </LinkButton>
  );
}
