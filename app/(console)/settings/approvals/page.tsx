import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState, NoMatch } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { LinkTabs } from "#components/ui/tabs.tsx";
import { approvalFilter } from "#db/approvals/contract.ts";
import { listApprovals } from "#db/approvals/list.ts";
import { readCompletions } from "#db/moves/completion.ts";
import { SettingsTabs } from "../settings-tabs.tsx";
import { ApprovalCard } from "./approval-card.tsx";
import { readProposedPlans } from "./proposed-plans.ts";

export const metadata: Metadata = { title: "Approvals" };

const views = [
  { href: "/settings/approvals?state=open", label: "Open" },
  { href: "/settings/approvals?state=all", label: "All" },
];

export default async function ApprovalsPage({ searchParams }: PageProps<"/settings/approvals">) {
  const actor = await pageActor("approvals.propose");
  const filter = approvalFilter.catch({ state: "open" }).parse(await searchParams);
  const { rows, next } = await listApprovals(actor, filter);
  const completing = rows.filter(({ verb }) => verb === "moves.complete");
  const [completions, plans] = await Promise.all([readCompletions(actor, completing), readProposedPlans(actor, rows)]);
  const waiting = rows.filter(
    ({ state, proposedBy }) => state === "proposed" && proposedBy.id !== actor.staffId,
  ).length;
  return (
    <Screen
      title="Approvals"
      answer={
        waiting === 0
          ? "Nothing waits for a second person."
          : `${waiting} ${waiting === 1 ? "waits" : "wait"} for a second person to decide.`
      }
      filters={
        <div className="grid gap-3">
          <SettingsTabs actor={actor} />
          <LinkTabs label="Which proposals" tabs={views} />
        </div>
      }
    >
      {rows.length > 0 ? (
        <ol className="grid gap-3">
          {rows.map((approval) => (
            <ApprovalCard
              key={approval.id}
              approval={approval}
              completion={completions.find(({ planHash }) => planHash === approval.planHash)}
              plan={plans.get(approval.id)}
              own={approval.proposedBy.id === actor.staffId}
              decides={actor.capabilities.has("approvals.decide")}
            />
          ))}
        </ol>
      ) : filter.state === "open" ? (
        <NoMatch
          title="No open proposals"
          action={<LinkButton href="/settings/approvals?state=all">Show all</LinkButton>}
        >
          A proposal is open for one hour.
        </NoMatch>
      ) : (
        <EmptyState title="Nobody has proposed anything yet">
          Purge, erasure and other acts that can not be undone ask for a second person when they are begun; what they
          ask stands here.
        </EmptyState>
      )}
      {next ? (
        <LinkButton href={`/settings/approvals?state=${filter.state}&cursor=${encodeURIComponent(next)}`}>
          Show older
        </LinkButton>
      ) : null}
    </Screen>
  );
}
