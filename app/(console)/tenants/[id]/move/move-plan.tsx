import { pageActor } from "#app/_server/session.ts";
import { settle } from "#app/_server/settle.ts";
import { RefusalNote } from "#components/feedback/refusal-note.tsx";
import { Forbidden } from "#components/feedback/states.tsx";
import { bytes, count, counted } from "#components/numbers/format.ts";
import { Facts } from "#components/page/facts.tsx";
import { Section } from "#components/page/section.tsx";
import { PlanView } from "#components/plan/plan-view.tsx";
import { Problems } from "#components/plan/problems.tsx";
import { duration } from "#components/time/duration.ts";
import { rolesWith } from "#db/capabilities.ts";
import type { MovePlanView, PlanMove } from "#db/moves/contract.ts";
import { planMove } from "#db/moves/plan/plan.ts";
import { placeWords } from "../../moves/words.ts";
import { PlannedTables } from "./planned-tables.tsx";
import { StartMove } from "./start-move.tsx";

/** The plan of a move: what stands in its way first, then what it does, and the step that starts it. */
export async function MovePlan({ input }: { input: PlanMove }) {
  const actor = await pageActor("tenants.read");
  const made = await settle(planMove(actor, input), "moves: plan");
  if (!made.ok) return <RefusalNote failure={made} />;
  const plan = made.data;
  const blocked = plan.problems.some(({ severity }) => severity === "blocking");
  const may = actor.capabilities.has("tenants.move");
  return (
    <>
      <Section
        title="Plan"
        answer={answerOf(plan)}
        aside={blocked || !may ? null : <StartMove plan={plan} input={input} />}
      >
        <div className="grid gap-4">
          <Facts across items={factsOf(plan)} />
          <Problems problems={plan.problems} />
          {may ? null : <Forbidden capability="tenants.move" holders={rolesWith("tenants.move").join(" or ")} />}
        </div>
      </Section>
      <Section
        title="Tables"
        answer="In the order in which they are copied. Rows and bytes are the planner's estimates."
      >
        <PlannedTables tables={plan.tables} />
      </Section>
      <Section title="Statements">
        <PlanView summary={summaryOf(plan)} statements={statementsOf(plan)} hash={plan.hash} />
      </Section>
    </>
  );
}

function answerOf({ tenant, from, to }: MovePlanView): string {
  return `${tenant.name} would go from ${placeWords(from)} to ${placeWords(to)}. Nothing has changed yet.`;
}

function factsOf({ tables, bytesNeeded, copySeconds, pauseMs }: MovePlanView) {
  const rows = tables.reduce((sum, table) => sum + table.estimatedRows, 0);
  const size = tables.reduce((sum, table) => sum + table.estimatedBytes, 0);
  return [
    { label: "Tables", value: count(tables.length) },
    { label: "Rows", value: `about ${count(Math.round(rows))}` },
    { label: "Size", value: `about ${bytes(size)}` },
    { label: "Disk", value: `about ${bytes(bytesNeeded)} there, with indexes and WAL` },
    { label: "Copying takes", value: `about ${duration(copySeconds * 1_000)}, while it writes` },
    { label: "Writers wait", value: `about ${duration(pauseMs)}, once, at the cutover` },
  ];
}

function summaryOf({ tenant, phases, from, to }: MovePlanView) {
  const statements = phases.reduce((sum, phase) => sum + phase.statements.length, 0);
  return (
    <p>
      {counted(statements, "statement")} make the new place, follow what {tenant.name} writes, carry its rows, move its
      writers and at the end remove the old place. What repeats, by chunk or by round, is there once; until the move has
      an id, its names have zeros for it. Those in {placeWords(from)} ask for their lock with a short limit and again
      later, so that nobody queues behind them; nobody uses {placeWords(to)} yet. Until the cutover it can be aborted,
      and after it reversed, without losing a write.
    </p>
  );
}

function statementsOf({ phases, from, to, home }: MovePlanView) {
  const words = {
    from: `in ${from.databaseName}.${from.schema}`,
    to: `in ${to.databaseName}.${to.schema}`,
    server: `on ${to.serverName}`,
    home: `in ${home}`,
  };
  return phases.flatMap((phase) => {
    return phase.statements.map((statement) => ({ ...statement, phase: `${phase.name}, ${words[phase.where]}` }));
  });
}
