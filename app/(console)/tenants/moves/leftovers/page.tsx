import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState, NoMatch, PartialNote } from "#components/feedback/states.tsx";
import { bytes, counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { JobProgress } from "#components/progress/job-progress.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { isOver } from "#db/jobs/contract.ts";
import type { Leftovers } from "#db/moves/sweep/contract.ts";
import { findLeftovers } from "#db/moves/sweep/find.ts";
import { sweepResult } from "#db/moves/sweep/inputs.ts";
import { newestSweep } from "#db/moves/sweep/remove.ts";
import { TenantsTabs } from "../../tenants-tabs.tsx";
import { LeftoverList, Removal } from "./leftover-list.tsx";
import { SweptList } from "./swept-list.tsx";

export const metadata: Metadata = { title: "Leftovers of moves" };

const here = "/tenants/moves/leftovers";

/** What moves that are over left in the fleet. `?plan=` shows what a second person is asked to approve. */
export default async function LeftoversPage({ searchParams }: PageProps<"/tenants/moves/leftovers">) {
  const actor = await pageActor("tenants.read");
  const [plan] = [(await searchParams).plan].flat();
  const [found, job] = await Promise.all([findLeftovers(actor), newestSweep(actor)]);
  const going = job !== null && !isOver(job.state);
  const result = job?.state === "done" ? sweepResult.parse(job.result) : null;
  const asked =
    plan === undefined || plan === found.hash ? found.certain : found.certain.filter(({ hash }) => hash === plan);
  const may = actor.capabilities.has("tenants.move") && !going && plan === undefined;
  return (
    <Screen
      title="Leftovers of moves"
      above={<Link href="/tenants/moves">Moves</Link>}
      answer={answerOf(found)}
      actions={may && found.certain.length > 0 ? <Removal leftovers={found.certain} planHash={found.hash} /> : null}
      filters={<TenantsTabs within="/tenants/moves" />}
    >
      <PartialNote silent={found.silent} />
      {job && (going || job.state !== "done") ? <JobProgress key={job.id} job={job} /> : null}
      {result && job ? <SweptList result={result} job={job} /> : null}
      {plan === undefined ? null : <OnePlan count={asked.length} />}
      {asked.length > 0 ? (
        <Section title="Nobody needs these" aside={sum(asked)}>
          <LeftoverList leftovers={asked} may={may} />
        </Section>
      ) : null}
      {plan === undefined && found.doubtful.length > 0 ? (
        <Section
          title="Look at these yourself"
          aside={sum(found.doubtful)}
          answer="They are not removed from here: each says what is not certain."
        >
          <LeftoverList leftovers={found.doubtful} may={false} />
        </Section>
      ) : null}
      {plan === undefined && found.certain.length + found.doubtful.length === 0 ? <Nothing found={found} /> : null}
    </Screen>
  );
}

function answerOf({ certain, doubtful, silent, asked }: Leftovers): string {
  const look = doubtful.length > 0 ? `, and ${counted(doubtful.length, "thing")} to look at yourself` : "";
  const where = `in ${counted(asked, "database")} that answered`;
  if (certain.length > 0) return `${counted(certain.length, "thing")} that nobody needs${look}, ${where}.`;
  if (doubtful.length > 0) return `Nothing that can be removed from here${look}, ${where}.`;
  return silent.length > 0
    ? `Nothing was found ${where}; the others are not known.`
    : `Nothing is left of any move ${where}.`;
}

function sum(leftovers: Leftovers["certain"]): string {
  const rows = leftovers.reduce((total, one) => total + one.rows, 0);
  return `${counted(rows, "row")}, ${bytes(leftovers.reduce((total, one) => total + one.bytes, 0))}`;
}

function OnePlan({ count }: { count: number }) {
  const all = <LinkButton href={here}>Show all leftovers</LinkButton>;
  if (count === 0) {
    return (
      <NoMatch title="No leftovers are this plan any more" action={all}>
        They were removed, or something of them has changed since the plan was made. An approval of it holds for
        nothing.
      </NoMatch>
    );
  }
  return (
    <p className="flex flex-wrap items-center gap-2">
      Only the {counted(count, "leftover")} of one plan {count === 1 ? "is" : "are"} shown. {all}
    </p>
  );
}

function Nothing({ found }: { found: Leftovers }) {
  const whole = found.silent.length === 0;
  return (
    <EmptyState title={whole ? "Nothing is left" : "Nothing was found where somebody answered"}>
      A move takes down what it put up: triggers, schemas, databases. Should one die in between, what it left is found
      here, with the SQL that removes it.
    </EmptyState>
  );
}
