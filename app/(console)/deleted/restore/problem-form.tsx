"use client";
import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import { RefusalNote } from "#components/feedback/refusal-note.tsx";
import { callAction, type Failure } from "#components/ui/action-result.ts";
import { Button } from "#components/ui/button.tsx";
import type { Choice, Choices, RestorePlan } from "#db/records/restore/contract.ts";
import { choose } from "../actions.ts";
import { shownPlanHref } from "../addresses.ts";
import { ProblemKindView } from "./problem-kind.tsx";

/** All problems with their choices. Nothing is lost on the way: what is chosen becomes part of the plan's address. */
export function ProblemForm({ plan, may }: { plan: RestorePlan; may: boolean }) {
  const router = useRouter();
  const [choices, setChoices] = useState<Choices>(plan.input.choices);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [pending, start] = useTransition();
  const changed = JSON.stringify(choices) !== JSON.stringify(plan.input.choices);

  function forKind(kind: string, choice: Choice | null) {
    const { [kind]: _before, ...kinds } = choices.kinds;
    setChoices({ ...choices, kinds: choice === null ? kinds : { ...kinds, [kind]: choice } });
  }

  function forRow(row: string, kind: string, choice: Choice | null) {
    const { [kind]: _before, ...own } = choices.rows[row] ?? {};
    setChoices({ ...choices, rows: { ...choices.rows, [row]: choice === null ? own : { ...own, [kind]: choice } } });
  }

  function send() {
    const data = new FormData();
    data.set("plan", plan.hash);
    data.set("choices", JSON.stringify(choices));
    start(async () => {
      const result = await callAction(choose, data);
      if (result.ok) router.push(shownPlanHref(result.data.plan));
      else setFailure(result);
    });
  }

  return (
    <div className="grid gap-3">
      <ul className="border-line border-t">
        {plan.problems.map((kind) => (
          <ProblemKindView
            key={kind.key}
            plan={plan}
            kind={kind}
            choices={choices}
            may={may}
            {...{ forKind, forRow }}
          />
        ))}
      </ul>
      {failure ? <RefusalNote failure={failure} /> : null}
      {may && plan.problems.some(({ offers }) => offers.length > 0) ? (
        <div data-chrome="">
          <Button
            look={changed ? "primary" : "secondary"}
            disabled={pending || !changed}
            aria-busy={pending}
            onClick={send}
          >
            {pending ? <span className="breathes">Plan with these choices…</span> : "Plan with these choices"}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
