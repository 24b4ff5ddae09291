import type { Metadata } from "next";
import Link from "next/link";
import { parseAddress } from "#app/_server/parse.ts";
import { pageActor } from "#app/_server/session.ts";
import { settle } from "#app/_server/settle.ts";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { counted } from "#components/numbers/format.ts";
import { Facts } from "#components/page/facts.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { When } from "#components/time/when.tsx";
import { Button, LinkButton } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { type KeepChange, type KeepPlan, keepChange, keepDaysMax } from "#db/backups/contract.ts";
import { planKeep } from "#db/backups/keep.ts";
import { setKeep } from "../actions.ts";
import { keptWords } from "../words.ts";

export const metadata: Metadata = { title: "How long backups are kept" };

/** For how long the backups of a database are kept, and what a change would remove, before anybody agrees to it. The address holds the change. */
export default async function KeepPage({ searchParams }: PageProps<"/backups/keep">) {
  const actor = await pageActor("backups.read");
  const parsed = parseAddress(keepChange, await searchParams);
  if (!parsed.ok) return <NotSo why={parsed.why} />;
  const read = await settle(planKeep(actor, parsed.data), "how long backups are kept");
  if (!read.ok) return <NotSo why={[read.message, read.fix].filter(Boolean).join(" ")} />;
  return <Plan change={parsed.data} plan={read.data} may={actor.capabilities.has("retention.manage")} />;
}

function NotSo({ why }: { why: string }) {
  return (
    <Screen title="How long backups are kept" above={<Link href="/backups">Backups</Link>}>
      <FailedState title="This can not be set" action={<LinkButton href="/backups">Choose again</LinkButton>}>
        {why}
      </FailedState>
    </Screen>
  );
}

function Plan({ change, plan, may }: { change: KeepChange; plan: KeepPlan; may: boolean }) {
  const { databaseName, subject, before, after, hash } = plan;
  const { databaseId, keepDays } = change;
  const changes = before !== after;
  return (
    <Screen
      title={`Backups of ${databaseName}`}
      above={<Link href="/backups">Backups</Link>}
      answer={
        changes
          ? `They would be kept ${keptWords(after)} rather than ${keptWords(before)}.`
          : `They are kept ${keptWords(before)}.`
      }
      actions={
        may && changes ? (
          <DangerDialog
            tier="costly"
            verb="backups.set_retention"
            subject={subject}
            effect={effectOf(plan)}
            fields={{ databaseId, ...(keepDays === null ? {} : { keepDays: String(keepDays) }) }}
            planHash={hash}
            action={setKeep}
            confirm="Set how long they are kept"
            reasonRequired
            doneMessage="It is set."
            redirectTo="/backups"
          />
        ) : null
      }
    >
      {changes ? (
        <Section title="What changes">
          <Facts
            items={[
              { label: "Kept until now", value: keptWords(before) },
              { label: "Kept from now on", value: keptWords(after) },
              { label: "Goes at the next run", value: <Goes plan={plan} /> },
            ]}
          />
        </Section>
      ) : null}
      <Section
        title="Keep them for"
        answer={
          plan.inFleet
            ? "The newest good backup stays whatever its age, and so do all of a database that a legal hold is on."
            : "The database left the fleet, so that the last backup goes when its time is over, but for a legal hold."
        }
      >
        <form method="get" className="flex flex-wrap items-end gap-2">
          <input type="hidden" name="databaseId" value={databaseId} />
          <Field label="Days (empty: until removed by hand)" name="keepDays">
            <Input name="keepDays" type="number" min={1} max={keepDaysMax} defaultValue={String(after ?? "")} />
          </Field>
          <Button type="submit">Show what would go</Button>
        </form>
      </Section>
    </Screen>
  );
}

function Goes({ plan: { goes, holds } }: { plan: KeepPlan }) {
  if (holds.length > 0) return `nothing, as long as ${holds.join(", ")} ${holds.length === 1 ? "stands" : "stand"}`;
  const [oldest] = goes;
  if (!oldest) return "nothing";
  return (
    <>
      {counted(goes.length, "backup")}, the oldest of <When at={oldest.startedAt} absolute />
    </>
  );
}

function effectOf({ goes, shorter }: KeepPlan): string {
  if (!shorter) return "No backup goes sooner by this.";
  const now = goes.length === 0 ? "No backup" : counted(goes.length, "backup");
  return `${now} ${goes.length === 1 ? "is" : "are"} removed at the next daily run, and each later one when its time is over. A second person must agree.`;
}
