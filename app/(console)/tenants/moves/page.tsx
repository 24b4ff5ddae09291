import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState, NoMatch } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { FilterBar, type FilterField } from "#components/table/filter-bar.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { type MoveFilter, moveFilter } from "#db/moves/contract.ts";
import { listMoves } from "#db/moves/read.ts";
import { movesStanding } from "#db/moves/standing.ts";
import { TenantsTabs } from "../tenants-tabs.tsx";
import { MoveList } from "./move-list.tsx";
import { standingWords } from "./words.ts";

export const metadata: Metadata = { title: "Moves" };

const fields: FilterField[] = [
  {
    name: "open",
    label: "Show",
    kind: "select",
    options: [
      { value: "", label: "Every move" },
      { value: "true", label: "Not over yet" },
    ],
  },
];

export default async function MovesPage({ searchParams }: PageProps<"/tenants/moves">) {
  const actor = await pageActor("tenants.read");
  const filter = readFilter(await searchParams);
  const [page, standing] = await Promise.all([listMoves(actor, filter), movesStanding(actor, filter)]);
  return (
    <Screen
      title="Moves"
      answer={standingWords(standing)}
      actions={<LinkButton href="/tenants/moves/leftovers">Leftovers</LinkButton>}
      filters={
        <div className="grid gap-3">
          <TenantsTabs />
          <FilterBar fields={fields} />
        </div>
      }
    >
      <MoveList rows={page.rows} next={page.next} query={queryOf(filter)} empty={<Nothing filter={filter} />} />
    </Screen>
  );
}

/** The scope of the address and its filter. What cannot be read is left out. */
function readFilter(params: Record<string, string | string[] | undefined>): MoveFilter {
  const one = (name: string) => [params[name]].flat()[0];
  const given = { tenantId: one("tenant"), databaseId: one("database"), open: one("open") || undefined };
  const kept = Object.entries(given).filter(([name, value]) => moveFilter.safeParse({ [name]: value }).success);
  return moveFilter.parse(Object.fromEntries(kept));
}

function queryOf(filter: MoveFilter): string {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

function Nothing({ filter }: { filter: MoveFilter }) {
  if (filter.open) {
    return (
      <NoMatch title="No move is going on" action={<LinkButton href="/tenants/moves">Show every move</LinkButton>} />
    );
  }
  return (
    <EmptyState title="No tenant was moved yet" action={<LinkButton href="/tenants">Choose a tenant</LinkButton>}>
      A tenant moves between shared tables, a schema and a database of its own while it goes on writing. Its page has
      the plan of such a move.
    </EmptyState>
  );
}
