import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { RefusalNote } from "#components/feedback/refusal-note.tsx";
import { EmptyState, Forbidden } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { Actor } from "#db/actor.ts";
import { recordWords } from "#db/audit/sentence.ts";
import { rolesWith } from "#db/capabilities.ts";
import { Refusal } from "#db/errors.ts";
import { type PlanRestore, planRestoreInput, type RestorePlan } from "#db/records/restore/contract.ts";
import { planRestore } from "#db/records/restore/plan.ts";
import { chosenIn } from "./choices.ts";
import { PlanScreen } from "./plan-screen.tsx";
import { RestorePanel } from "./restore-panel.tsx";

export const metadata: Metadata = { title: "Restore" };

interface RestoreProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function Restore({ searchParams }: RestoreProps) {
  const actor = await pageActor("records.read");
  const params = await searchParams;
  const parsed = planRestoreInput.safeParse({ ...params, choices: chosenIn(params) });
  if (!parsed.success) {
    return (
      <Screen above={<Link href="/deleted">Deleted</Link>} title="Restore a record">
        <EmptyState title="No record is named" action={<LinkButton href="/deleted">Choose one</LinkButton>}>
          A link here names the entry of a deletion, or a row that is marked as deleted.
        </EmptyState>
      </Screen>
    );
  }
  const planned = await planOrRefusal(actor, parsed.data);
  const plan = planned instanceof Refusal ? null : planned;
  const subject =
    plan === null ? "the record" : `${plan.table} ${plan.record === null ? "" : recordWords(plan.record)}`.trim();
  return (
    <Screen
      above={<Link href="/deleted">Deleted</Link>}
      title={`Restore ${subject}`}
      answer={plan === null ? undefined : answer(plan)}
    >
      <RestorePanel target={targetOf(parsed.data)} plan={mayRestore(actor) ? plan : null} subject={subject} />
      {planned instanceof Refusal ? <RefusalNote failure={refused(planned)} /> : <PlanScreen plan={planned} />}
      {mayRestore(actor) ? null : (
        <Forbidden capability="records.restore" holders={rolesWith("records.restore").join(" or ")} />
      )}
    </Screen>
  );
}

async function planOrRefusal(actor: Actor, input: PlanRestore): Promise<RestorePlan | Refusal> {
  try {
    return await planRestore(actor, input);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function refused(refusal: Refusal) {
  const { code, message, fix } = refusal;
  return { ok: false as const, code, message, ...(fix === undefined ? {} : { fix }) };
}

function mayRestore(actor: Actor): boolean {
  return actor.capabilities.has("records.restore");
}

function targetOf({ database, entry, schema, table, record, choices }: PlanRestore): Record<string, string> {
  const address: Record<string, string> =
    entry === undefined ? { schema: schema ?? "", table: table ?? "", record: record ?? "" } : { entry };
  return { database, ...address, choices: JSON.stringify(choices) };
}

function answer(plan: RestorePlan): string {
  const open = plan.problems.filter(({ settled }) => !settled).length;
  if (open > 0)
    return `${open === 1 ? "One problem stands" : `${open} problems stand`} in the way, in ${plan.databaseName}.`;
  return plan.kind === "hard"
    ? `The row can go back into ${plan.databaseName} as the audit log holds it.`
    : `The row never left ${plan.databaseName}; its mark is taken off.`;
}
