import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { Suspense } from "react";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState, Skeleton } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { LinkTabs } from "#components/ui/tabs.tsx";
import type { Actor } from "#db/actor.ts";
import { listServers } from "#db/databases/servers.ts";
import { Refusal } from "#db/errors.ts";
import { type PlanMove, planMoveInput } from "#db/moves/contract.ts";
import { schemaHosts } from "#db/moves/plan/hosts.ts";
import { listMoves } from "#db/moves/read.ts";
import { type TenantDetail, type Tier, tiers } from "#db/tenants/contract.ts";
import { readTenant } from "#db/tenants/read.ts";
import { tierNames, tierWords } from "../../words.ts";
import { MovePlan } from "./move-plan.tsx";
import { PlaceForm } from "./place-form.tsx";

export const metadata: Metadata = { title: "Move a tenant" };

/** Where to, then the plan, then the start: all of it in the address. */
export default async function MoveTenantPage({ params, searchParams }: PageProps<"/tenants/[id]/move">) {
  const actor = await pageActor("tenants.read");
  const tenant = await tenantOf(actor, (await params).id);
  const asked = await searchParams;
  const tier = tiers.find((one) => one === asked.tier) ?? usualTier(tenant);
  const { rows: open } = await listMoves(actor, { tenantId: tenant.id, open: true });
  const [moving] = open;
  const plan = planMoveInput.safeParse({ ...asked, tenantId: tenant.id, tier });
  return (
    <Screen
      title={`Move ${tenant.name}`}
      above={<Link href={`/tenants/${tenant.id}`}>{tenant.name}</Link>}
      answer={`It lives in ${tenant.tier ? tierWords[tenant.tier] : "no place that is known"} of ${tenant.databaseName}, and goes on writing while it moves.`}
    >
      {moving ? (
        <EmptyState
          title="It is being moved already"
          action={<LinkButton href={`/tenants/moves/${moving.id}`}>Look at the move</LinkButton>}
        >
          A tenant has one move at a time: that one is completed or aborted first.
        </EmptyState>
      ) : (
        <>
          <LinkTabs
            label="Tier"
            tabs={tiers.map((one) => ({
              href: `/tenants/${tenant.id}/move?tier=${one}`,
              label: tierNames[one],
              current: one === tier,
            }))}
          />
          <PlaceForm
            {...(await choicesOf(actor, tenant, tier))}
            chosen={plan.data?.databaseId ?? plan.data?.serverId}
            planned={Boolean(asked.plan) && plan.success}
          />
          {asked.plan && plan.success ? (
            <Suspense
              key={JSON.stringify(plan.data)}
              fallback={<Skeleton rows={12} label="The plan is being made: both places are read" />}
            >
              <MovePlan input={plan.data} />
            </Suspense>
          ) : null}
        </>
      )}
    </Screen>
  );
}

async function tenantOf(actor: Actor, id: string): Promise<TenantDetail> {
  try {
    return await readTenant(actor, id);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
}

/** One tier up, and from the top one down. */
function usualTier({ tier }: TenantDetail): PlanMove["tier"] {
  if (tier === "shared") return "schema";
  return tier === "schema" ? "database" : "schema";
}

/** What there is to choose from in a tier: nothing for the shared one, whose place is where the tenant is listed. */
async function choicesOf(actor: Actor, tenant: TenantDetail, tier: Tier) {
  const base = { tenantId: tenant.id, tier, home: tenant.databaseName };
  if (tier === "schema") {
    const hosts = await schemaHosts(actor, tenant.id);
    return { ...base, places: hosts.map(({ id, name, serverName }) => ({ id, name: `${name} on ${serverName}` })) };
  }
  if (tier === "database") return { ...base, places: (await listServers(actor)).map(({ id, name }) => ({ id, name })) };
  return { ...base, places: [] };
}
