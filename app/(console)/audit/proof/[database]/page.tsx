import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { count } from "#components/numbers/format.ts";
import { Facts } from "#components/page/facts.tsx";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { Actor } from "#db/actor.ts";
import { type EpochInput, type EpochPlan, epochInput, epochSubject } from "#db/audit/proof/contract.ts";
import { planEpoch } from "#db/audit/proof/epoch-plan.ts";
import { Refusal } from "#db/errors.ts";
import { beginEpoch } from "../actions.ts";

export const metadata: Metadata = { title: "Let sealing go on" };

/** What it means to seal on in a database that was put back to a backup, before anybody agrees to it. */
export default async function EpochPage({ params }: PageProps<"/audit/proof/[database]">) {
  const actor = await pageActor("audit.verify");
  const { database } = await params;
  const input = epochInput.safeParse({ databaseId: database });
  if (!input.success) notFound();
  const plan = await planOrRefusal(actor, input.data);
  if (plan instanceof Refusal) return <NotSo why={[plan.message, plan.fix].filter(Boolean).join(" ")} />;
  return <Plan plan={plan} />;
}

async function planOrRefusal(actor: Actor, input: EpochInput): Promise<EpochPlan | Refusal> {
  try {
    return await planEpoch(actor, input);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function NotSo({ why }: { why: string }) {
  return (
    <Screen title="Let sealing go on" above={<Back />}>
      <FailedState title="This log cannot go on" action={<LinkButton href="/audit/proof">Look at the logs</LinkButton>}>
        {why}
      </FailedState>
    </Screen>
  );
}

function Back() {
  return <Link href="/audit/proof">Proof</Link>;
}

function Plan({ plan }: { plan: EpochPlan }) {
  const { databaseId, name, sealed, lost, lastEntry, why, hash } = plan;
  return (
    <Screen
      title={`Let sealing of ${name} go on`}
      above={<Back />}
      answer={
        lost === 0
          ? `None of ${count(sealed)} sealed entries was lost.`
          : `${count(lost)} of ${count(sealed)} sealed entries ${lost === 1 ? "is" : "are"} not in the database any more.`
      }
    >
      <Facts
        items={[
          { label: "Sealing stopped", value: why },
          {
            label: "Last sealed entry that is there",
            value: lastEntry === null ? "none" : <Link href={`/audit/${databaseId}/${lastEntry}`}>{lastEntry}</Link>,
          },
          {
            label: "What stays",
            value:
              "The tree with every leaf, also of the entries that are gone; every checkpoint and every proof of before.",
          },
          {
            label: "What is given up",
            value:
              "That these entries are missing is no finding any more. Each verification counts them as lost in a restore.",
          },
        ]}
      />
      <div>
        <DangerDialog
          tier="irreversible"
          verb="audit.begin_epoch"
          subject={epochSubject(plan)}
          effect={`Sealing goes on after the last sealed entry that is there. ${count(lost)} sealed entries are given up as lost in a restore, for good. A second person must agree.`}
          fields={{ databaseId }}
          planHash={hash}
          action={beginEpoch}
          confirm="Let sealing go on"
          redirectTo="/audit/proof"
        />
      </div>
    </Screen>
  );
}
