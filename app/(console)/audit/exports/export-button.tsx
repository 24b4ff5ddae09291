import { LinkButton } from "#components/ui/button.tsx";
import type { Actor } from "#db/actor.ts";
import { type AuditFilter, filterQuery } from "#db/audit/contract.ts";

/** From what a filter shows to an export of exactly that. */
export function ExportButton({ actor, filter }: { actor: Actor; filter: AuditFilter }) {
  if (!actor.capabilities.has("audit.export")) return null;
  const query = filterQuery(filter);
  return (
    <LinkButton href={query === "" ? "/audit/exports/new" : `/audit/exports/new?${query}`} prefetch={false}>
      Export…
    </LinkButton>
  );
}
