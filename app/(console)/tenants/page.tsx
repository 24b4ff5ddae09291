import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState, NoMatch } from "#components/feedback/states.tsx";
import { cappedCount, counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { FilterBar } from "#components/table/filter-bar.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { listViews } from "#db/audit/saved-views.ts";
import { adoptedDatabases } from "#db/databases/adopted.ts";
import { type TenantFilter, tenantFilter } from "#db/tenants/contract.ts";
import { countTenants, listTenants } from "#db/tenants/list.ts";
import { readColumns, usualColumns } from "./columns.ts";
import { tenantFields } from "./fields.ts";
import { readTenantFilter, tenantQuery } from "./query.ts";
import { TenantList } from "./tenant-list.tsx";
import { TenantsTabs } from "./tenants-tabs.tsx";
import { TenantViews } from "./views.tsx";

export const metadata: Metadata = { title: "Tenants" };

export default async function TenantsPage({ searchParams }: PageProps<"/tenants">) {
  const actor = await pageActor("tenants.read");
  const params = await searchParams;
  const { filter, dropped } = readTenantFilter(params);
  const columns = readColumns([params.columns].flat()[0]);
  const query = tenantQuery(filter);
  const view = columns === usualColumns ? query : `${query}&columns=${columns.join()}`;
  const scope = tenantFilter.parse({ database: filter.database });
  const [page, found, all, suspended, databases, views] = await Promise.all([
    listTenants(actor, filter),
    countTenants(actor, filter),
    countTenants(actor, scope),
    countTenants(actor, { ...scope, status: "suspended" }),
    adoptedDatabases(actor),
    actor.capabilities.has("audit.read") ? listViews(actor, "tenants") : [],
  ]);
  const total = `${cappedCount(found.more ? found.count + 1 : found.count)} ${found.count === 1 ? "tenant" : "tenants"}`;
  const mayWrite = actor.capabilities.has("tenants.write") && databases.length > 0;
  return (
    <Screen
      title="Tenants"
      answer={answerOf(all, suspended.count, filter, databases)}
      actions={
        mayWrite ? (
          <LinkButton
            look="primary"
            href={filter.database ? `/tenants/create?database=${filter.database}` : "/tenants/create"}
          >
            Create tenant
          </LinkButton>
        ) : null
      }
      filters={
        <div className="grid gap-3">
          <TenantsTabs />
          <FilterBar fields={tenantFields} aside={<TenantViews views={views} query={query} view={view} />} />
        </div>
      }
    >
      {dropped.length > 0 ? (
        <p role="status" className="text-warning">
          Left out of this address, because it cannot be read: {dropped.join(", ")}.
        </p>
      ) : null}
      <TenantList
        rows={page.rows}
        next={page.next}
        query={query}
        shown={columns}
        mayWrite={actor.capabilities.has("tenants.write")}
        total={total}
        empty={all.count === 0 ? <NoTenants adopted={databases.length > 0} /> : <NothingMatches filter={filter} />}
      />
    </Screen>
  );
}

function answerOf(
  all: { count: number; more: boolean },
  suspended: number,
  filter: TenantFilter,
  databases: { id: string; name: string }[],
): string {
  const place = filter.database
    ? (databases.find(({ id }) => id === filter.database)?.name ?? "this database")
    : counted(databases.length, "database");
  const tenants = all.more ? "More than 10,000 tenants" : counted(all.count, "tenant");
  return `${tenants} in ${place}; ${suspended === 0 ? "none is" : `${suspended} ${suspended === 1 ? "is" : "are"}`} suspended.`;
}

function NoTenants({ adopted }: { adopted: boolean }) {
  return adopted ? (
    <EmptyState title="No tenants yet" action={<LinkButton href="/databases">Look at the databases</LinkButton>}>
      Tenants are imported from each adopted database's own tenants table. Import them there, or create the first one.
    </EmptyState>
  ) : (
    <EmptyState title="No tenants yet" action={<LinkButton href="/databases/add">Add a database</LinkButton>}>
      Adopt a database, and the tenants that its application knows are listed here.
    </EmptyState>
  );
}

function NothingMatches({ filter }: { filter: TenantFilter }) {
  const href = filter.database ? `/tenants?database=${filter.database}` : "/tenants";
  return (
    <NoMatch title="No tenant matches" action={<LinkButton href={href}>Clear the filters</LinkButton>}>
      {filter.q
        ? `Nothing has "${filter.q}" in its name or slug, or as its key or id, with these filters.`
        : "No tenant has all of these."}
    </NoMatch>
  );
}
