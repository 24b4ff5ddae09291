import type { Metadata } from "next";
import Link from "next/link";
import { parseAddress } from "#app/_server/parse.ts";
import { pageActor } from "#app/_server/session.ts";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { counted } from "#components/numbers/format.ts";
import { Facts } from "#components/page/facts.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { Refusal } from "#db/errors.ts";
import { type PolicyPlan, policyChange } from "#db/records/retention/contract.ts";
import { planPolicy } from "#db/records/retention/set-policy.ts";
import { setPolicy } from "../actions.ts";
import { SimulationView } from "../simulation-view.tsx";
import { policyWords } from "../words.ts";

export const metadata: Metadata = { title: "Change a policy" };

/** What a policy would remove, and when, before it is set. The address holds the policy. */
export default async function ChangePolicyPage({ searchParams }: PageProps<"/deleted/retention/change">) {
  const actor = await pageActor("retention.manage");
  const parsed = parseAddress(policyChange, await searchParams);
  if (!parsed.ok) return <NotSo why={parsed.why} />;
  const plan = await planPolicy(actor, parsed.data).catch(refusalOnly);
  if (plan instanceof Refusal) return <NotSo why={[plan.message, plan.fix].filter(Boolean).join(" ")} />;
  return <Plan plan={plan} />;
}

function refusalOnly(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}

function NotSo({ why }: { why: string }) {
  return (
    <Screen title="Change a policy" above={<Link href="/deleted/retention">Retention</Link>}>
      <FailedState
        title="This policy cannot be set"
        action={<LinkButton href="/deleted/retention">Choose again</LinkButton>}
      >
        {why}
      </FailedState>
    </Screen>
  );
}

function Plan({ plan }: { plan: PolicyPlan }) {
  const { subject, before, after, simulation, tenantsElsewhere, hash } = plan;
  const { databaseId, table, tenant, deletion, graceDays } = after;
  const wasOn = before !== null && before.onAt !== null;
  return (
    <Screen
      title={`Policy of ${subject}`}
      above={<Link href="/deleted/retention">Retention</Link>}
      answer={`Marked rows would be ${policyWords(after)}.`}
      actions={
        <DangerDialog
          tier="costly"
          verb="retention.policy"
          subject={subject}
          effect={
            deletion === "never"
              ? "It holds at once: nothing of it is purged any more."
              : `Nothing goes by this: the policy only counts until it is switched on, by two people${wasOn ? ", and the one before is off from now on" : ""}.`
          }
          fields={{ databaseId, table, deletion, graceDays: String(graceDays), ...(tenant === null ? {} : { tenant }) }}
          planHash={hash}
          action={setPolicy}
          confirm="Set the policy"
          reasonRequired
          doneMessage="The policy is set."
          redirectTo="/deleted/retention"
        />
      }
    >
      <Facts
        items={[
          { label: "Until now", value: before ? policyWords(before) : "kept, since there is no policy" },
          { label: "From now on", value: policyWords(after) },
          ...(tenantsElsewhere === 0
            ? []
            : [
                {
                  label: "Elsewhere",
                  value: `${counted(tenantsElsewhere, "tenant")} in other databases ${tenantsElsewhere === 1 ? "goes" : "go"} by it too; rows there are not counted here.`,
                },
              ]),
        ]}
      />
      <Section
        title="What would go when"
        answer="If nothing changes. Rows whose time has come by today count for today."
      >
        <SimulationView simulation={simulation} />
      </Section>
    </Screen>
  );
}
