import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { RefusalNote } from "#components/feedback/refusal-note.tsx";
import { EmptyState, Forbidden } from "#components/feedback/states.tsx";
import { counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { Actor } from "#db/actor.ts";
import { rolesWith } from "#db/capabilities.ts";
import { Refusal, refusalResult } from "#db/errors.ts";
import { planLook, planReference, planRestoreInput, type RestorePlan } from "#db/records/restore/contract.ts";
import { planAgain, planRestore } from "#db/records/restore/plan.ts";
import { DeletedTabs } from "../deleted-tabs.tsx";
import { PlanScreen } from "./plan-screen.tsx";
import { RestorePanel } from "./restore-panel.tsx";
import { actOf } from "./words.ts";

export const metadata: Metadata = { title: "Restore" };

type Params = Record<string, string | string[] | undefined>;

export default async function Restore({ searchParams }: { searchParams: Promise<Params> }) {
  const actor = await pageActor("records.read");
  const planned = await planOf(actor, await searchParams);
  if (planned === null) return <NoneNamed />;
  if (planned instanceof Refusal) {
    return (
      <Screen above={<Back />} title="Restore">
        <RefusalNote failure={failureOf(planned)} />
        <div>
          <LinkButton href="/deleted">Back to the deleted records</LinkButton>
        </div>
      </Screen>
    );
  }
  const may = actor.capabilities.has("records.restore");
  return (
    <Screen
      above={<Back />}
      title={`${actOf(planned).verb} ${planned.subject}`}
      answer={answer(planned)}
      actions={may && planned.status === "clean" ? <RestorePanel plan={planned} /> : null}
      filters={<DeletedTabs />}
    >
      <PlanScreen plan={planned} may={may} />
      {may ? null : <Forbidden capability="records.restore" holders={rolesWith("records.restore").join(" or ")} />}
    </Screen>
  );
}

function Back() {
  return <Link href="/deleted">Deleted</Link>;
}

function NoneNamed() {
  return (
    <Screen above={<Back />} title="Restore" filters={<DeletedTabs />}>
      <EmptyState title="Nothing is named" action={<LinkButton href="/deleted">Choose a deletion</LinkButton>}>
        A link here names a deletion, rows, a filter, an earlier version of a record, or a restore to undo.
      </EmptyState>
    </Screen>
  );
}

/** The plan that the address names, the refusal of it, or null where it names none. */
async function planOf(actor: Actor, params: Params): Promise<RestorePlan | Refusal | null> {
  const shown = planReference.safeParse(params);
  const input = planRestoreInput.safeParse(params);
  try {
    if (shown.success) return await planAgain(actor, shown.data.plan, planLook.parse(params));
    return input.success ? await planRestore(actor, input.data) : null;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function failureOf(refusal: Refusal) {
  const failure = refusalResult(refusal);
  if (failure.ok) throw new Error("A refusal is no success.");
  return failure;
}

function answer({ status, writes, problems, tables, databaseName, chunks }: RestorePlan): string {
  const open = problems.filter((kind) => kind.open > 0);
  if (open.length > 0) {
    const rows = open.reduce((sum, kind) => sum + kind.open, 0);
    return `${open.length === 1 ? "One problem is" : `${open.length} problems are`} open, in ${counted(rows, "row")}: choose below what to do about ${open.length === 1 ? "it" : "each"}.`;
  }
  if (status === "nothing") return "There is nothing to write: all of it is live already, or left as it is.";
  const among = tables.filter((table) => table.writes > 0).length;
  const how = chunks === 1 ? "in one transaction" : `in ${chunks} transactions, one after the other`;
  return `${counted(writes, "row")} of ${counted(among, "table")} in ${databaseName} would be written, ${how}.`;
}
