import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState, NoMatch } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { FilterBar } from "#components/table/filter-bar.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { unrecordedQuery } from "#db/records/bin/contract.ts";
import { listUnrecorded } from "#db/records/bin/unrecorded.ts";
import { unrecordedHref } from "../addresses.ts";
import { DeletedTabs } from "../deleted-tabs.tsx";
import { UnrecordedTable } from "./unrecorded-table.tsx";

export const metadata: Metadata = { title: "Removed without a record" };

/** What went from tables while their writes were not recorded, and which backup still holds it. */
export default async function Unrecorded({ searchParams }: PageProps<"/deleted/unrecorded">) {
  const actor = await pageActor("records.read");
  const given = Object.entries(await searchParams).filter(([, value]) => value !== "");
  const { cursor, ...filter } = unrecordedQuery.catch({}).parse(Object.fromEntries(given));
  const { rows, next } = await listUnrecorded(actor, filter, cursor ?? null);
  return (
    <Screen
      above={<Link href="/deleted">Deleted</Link>}
      title="Removed without a record"
      answer={
        rows.length === 0
          ? "Nothing is known to have gone from a table while its writes were not recorded."
          : "These rows went while their tables were not recorded: which they were and who removed them nobody knows, and they cannot be brought back from here."
      }
      filters={
        <div className="grid gap-3">
          <DeletedTabs />
          <FilterBar fields={[{ name: "table", label: "Table", kind: "text", mono: true, width: "w-40" }]} />
        </div>
      }
    >
      {rows.length > 0 ? <UnrecordedTable rows={rows} /> : <Nothing filtered={filter.table !== undefined} />}
      {next === null ? null : (
        <div>
          <LinkButton href={unrecordedHref({ ...filter, cursor: next })}>Older ones</LinkButton>
        </div>
      )}
      <p className="text-muted">
        PostgreSQL counts removed rows of every table, also those of transactions that were rolled back, and not those
        that TRUNCATE or DROP TABLE took. The counts are read every five minutes. Which tables are recorded stands under{" "}
        <Link href="/audit/coverage">Audit, Coverage</Link>.
      </p>
    </Screen>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <NoMatch
      title="No table of that name"
      action={<LinkButton href="/deleted/unrecorded">Show every table</LinkButton>}
    />
  ) : (
    <EmptyState title="Nothing went unrecorded" action={<LinkButton href="/deleted">Look at the deletions</LinkButton>}>
      What an unrecorded table loses is counted here, with the backup that still holds it.
    </EmptyState>
  );
}
