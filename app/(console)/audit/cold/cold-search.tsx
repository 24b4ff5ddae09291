import { bytes, count, counted } from "#components/numbers/format.ts";
import { Section } from "#components/page/section.tsx";
import type { Actor } from "#db/actor.ts";
import { coldScope } from "#db/audit/cold/search.ts";
import { type AuditFilter, filterQuery } from "#db/audit/contract.ts";
import { ColdPanel } from "./cold-panel.tsx";

interface ColdSearchProps {
  actor: Actor;
  filter: AuditFilter;
}

/** The archived months that may hold more for a filter, to be searched when somebody asks for it; nothing when there are none. */
export async function ColdSearch({ actor, filter }: ColdSearchProps) {
  const scope = await coldScope(actor, filter);
  if (scope.files === 0 || scope.from === null || scope.to === null) return null;
  const span = scope.from === scope.to ? scope.from : `${scope.from} to ${scope.to}`;
  const query = filterQuery(filter);
  return (
    <Section title="Archived months" aside={`${counted(scope.files, "file")}, ${bytes(scope.bytes)}`}>
      <ColdPanel
        key={query}
        endpoint={`/api/audit/cold${query && `?${query}`}`}
        offer={`${count(scope.entries)} entries of ${span} are in the archive. They are searched with the same filter; it takes longer.`}
      />
    </Section>
  );
}
