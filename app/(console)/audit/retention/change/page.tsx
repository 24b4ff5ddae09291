import type { Metadata } from "next";
import Link from "next/link";
import { parseAddress } from "#app/_server/parse.ts";
import { pageActor } from "#app/_server/session.ts";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { Facts } from "#components/page/facts.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { Actor } from "#db/actor.ts";
import { type RetentionChange, type RetentionPlan, retentionChange } from "#db/audit/retention/contract.ts";
import { planRetention } from "#db/audit/retention/set-retention.ts";
import { Refusal } from "#db/errors.ts";
import { setRetention } from "../actions.ts";
import { period } from "../words.ts";

export const metadata: Metadata = { title: "Change retention" };

/** What a change of retention means, before anybody agrees to it. The address holds the change. */
export default async function ChangeRetentionPage({ searchParams }: PageProps<"/audit/retention/change">) {
  const actor = await pageActor("retention.manage");
  const parsed = parseAddress(retentionChange, await searchParams);
  if (!parsed.ok) return <NotSo why={parsed.why} />;
  const plan = await planOrRefusal(actor, parsed.data);
  if (plan instanceof Refusal) return <NotSo why={[plan.message, plan.fix].filter(Boolean).join(" ")} />;
  return <Plan change={parsed.data} plan={plan} />;
}

async function planOrRefusal(actor: Actor, change: RetentionChange): Promise<RetentionPlan | Refusal> {
  try {
    return await planRetention(actor, change);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function NotSo({ why }: { why: string }) {
  return (
    <Screen title="Change retention" above={<Back />}>
      <FailedState
        title="This change cannot be made"
        action={<LinkButton href="/audit/retention">Choose again</LinkButton>}
      >
        {why}
      </FailedState>
    </Screen>
  );
}

function Back() {
  return <Link href="/audit/retention">Retention</Link>;
}

function Plan({ change, plan }: { change: RetentionChange; plan: RetentionPlan }) {
  const { before, after, due, place, subject, withoutEffect } = plan;
  const fields = {
    databaseId: change.databaseId,
    keepMonths: String(change.keepMonths),
    ...(change.hotMonths === null ? {} : { hotMonths: String(change.hotMonths) }),
    ...(change.table === null ? {} : { table: change.table }),
    ...(change.tenant === null ? {} : { tenant: change.tenant }),
  };
  return (
    <Screen
      title={`Retention of ${place}`}
      above={<Back />}
      answer={`Entries would be kept for ${period(after.keepMonths)} rather than ${period(before.keepMonths)}.`}
      actions={
        <DangerDialog
          tier="costly"
          verb="retention.set"
          subject={subject}
          effect={effectOf(plan)}
          fields={fields}
          planHash={plan.hash}
          action={setRetention}
          confirm="Set retention"
          reasonRequired
          doneMessage="The retention is set."
          redirectTo="/audit/retention"
        />
      }
    >
      <Section title="What changes">
        <Facts
          items={[
            {
              label: "Kept until now",
              value: `${period(before.keepMonths)}${before.own ? "" : ", as the whole database"}`,
            },
            { label: "Kept from now on", value: period(after.keepMonths) },
            ...(withoutEffect === null ? [] : [{ label: "Removed", value: withoutEffect }]),
            ...(change.table || change.tenant
              ? []
              : [
                  { label: "In PostgreSQL until now", value: period(before.hotMonths) },
                  { label: "In PostgreSQL from now on", value: period(after.hotMonths) },
                  { label: "Archived at the next runs", value: due.length === 0 ? "nothing" : due.join(", ") },
                ]),
          ]}
        />
      </Section>
    </Screen>
  );
}

function effectOf({ before, after, withoutEffect }: RetentionPlan): string {
  if (withoutEffect !== null) return `${withoutEffect} A second person must agree.`;
  return after.keepMonths < before.keepMonths
    ? "Older entries may then be removed, each month by an act of its own that needs two people again."
    : "Nothing is removed by this. A second person must agree.";
}
