import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { settle } from "#app/_server/settle.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { EmptyState } from "#components/feedback/states.tsx";
import { counted, percent } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { type LinkTab, LinkTabs } from "#components/ui/tabs.tsx";
import { type ServerStanding, worstPressure } from "#db/placing/contract.ts";
import { limitQuery } from "#db/placing/inputs.ts";
import { choosePlace, readPolicies, readServers } from "#db/placing/read.ts";
import { previewRebalance } from "#db/placing/rebalance/preview.ts";
import { newestRebalance } from "#db/placing/rebalance/read.ts";
import { TenantsTabs } from "../tenants-tabs.tsx";
import { PolicyList } from "./policy-list.tsx";
import { Queue } from "./queue.tsx";
import { RebalanceView } from "./rebalance-view.tsx";
import { ServerList } from "./server-list.tsx";

export const metadata: Metadata = { title: "Servers" };

const where = "/tenants/servers";

/** How full the servers are, where new tenants go, and which tenants to move so that none is too full. */
export default async function ServersPage({ searchParams }: PageProps<"/tenants/servers">) {
  const actor = await pageActor("databases.read");
  const { limit } = limitQuery.parse(await searchParams);
  const servers = await readServers(actor);
  const [plan, policies, running] = await Promise.all([
    settle(previewRebalance(actor, limit), where),
    settle(readPolicies(actor), where),
    settle(newestRebalance(actor), where),
  ]);
  const choices = policies.ok
    ? await Promise.all(
        policies.data.map(async (one) => ({ ...one, choice: await choosePlace(actor, one.homeDatabaseId) })),
      )
    : [];
  const manages = actor.capabilities.has("databases.manage");
  const moves = actor.capabilities.has("tenants.move");
  return (
    <Screen title="Servers" answer={answer(servers, limit / 100)} filters={<TenantsTabs />}>
      {servers.length === 0 ? (
        <EmptyState title="No server yet" action={<LinkButton href="/databases/add">Add a server</LinkButton>}>
          Servers are listed here with how full they are, once one is added.
        </EmptyState>
      ) : (
        <>
          <ServerList servers={servers} limit={limit / 100} manages={manages} />
          {running.ok && running.data ? (
            <Section title="Rebalancing">
              <Queue rebalance={running.data} moves={moves} />
            </Section>
          ) : null}
          <Section
            title="Plan"
            answer={`Which tenants to move so that no server passes ${limit} % of its disk or load.`}
          >
            <div className="grid gap-3">
              <LinkTabs label="Limit" tabs={limits(limit)} />
              {plan.ok ? (
                <RebalanceView plan={plan.data} servers={servers} moves={moves} />
              ) : (
                <FailedState title="The plan could not be made">{plan.message}</FailedState>
              )}
            </div>
          </Section>
          <Section
            title="Where tenants go"
            answer="The server of a tenant that gets a database of its own, by the application that it belongs to."
          >
            {policies.ok ? (
              <PolicyList policies={choices} servers={servers} manages={manages} />
            ) : (
              <FailedState title="The policies could not be read">{policies.message}</FailedState>
            )}
          </Section>
        </>
      )}
    </Screen>
  );
}

function limits(current: number): LinkTab[] {
  return [...new Set([60, 70, 80, current])]
    .sort((one, two) => one - two)
    .map((each) => ({ href: `/tenants/servers?limit=${each}`, label: `${each} %`, current: each === current }));
}

function answer(servers: readonly ServerStanding[], limit: number): string {
  const known = servers.filter(({ pressure }) => worstPressure(pressure) !== null);
  const unknown = servers.length - known.length;
  const left =
    unknown > 0 ? ` How full ${counted(unknown, "other server")} ${unknown === 1 ? "is" : "are"}, is not known.` : "";
  if (servers.length === 0) return "No server is known yet.";
  if (known.length === 0) return "It is not known how full any server is: say under Capacity what it can bear.";
  const over = known.filter(({ pressure }) => (worstPressure(pressure) ?? 0) > limit).length;
  const sentence =
    over === 0
      ? `None of ${counted(known.length, "server")} passes`
      : `${over} of ${counted(known.length, "server")} ${over === 1 ? "passes" : "pass"}`;
  return `${sentence} ${percent(limit, 0)} of its disk or load.${left}`;
}
