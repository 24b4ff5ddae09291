import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState, NoMatch } from "#components/feedback/states.tsx";
import { counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { FilterBar, type FilterField } from "#components/table/filter-bar.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { type JobFilter, jobFilter, jobStates } from "#db/jobs/contract.ts";
import { listJobs } from "#db/jobs/read.ts";
import { JobList } from "./job-list.tsx";

export const metadata: Metadata = { title: "Jobs" };

const fields: FilterField[] = [
  {
    name: "state",
    label: "State",
    kind: "select",
    options: [{ value: "", label: "Any state" }, ...jobStates.map((state) => ({ value: state, label: state }))],
  },
];

export default async function JobsPage({ searchParams }: PageProps<"/jobs">) {
  const actor = await pageActor("jobs.read");
  const filter = readFilter(await searchParams);
  const [page, running, queued] = await Promise.all([
    listJobs(actor, filter),
    listJobs(actor, { state: "running" }),
    listJobs(actor, { state: "queued" }),
  ]);
  const query = new URLSearchParams(Object.entries(filter)).toString();
  return (
    <Screen
      title="Jobs"
      answer={answerOf(running.rows.length, queued.rows.length)}
      filters={<FilterBar fields={fields} />}
    >
      <JobList rows={page.rows} next={page.next} query={query} empty={<Nothing filter={filter} />} />
    </Screen>
  );
}

function readFilter(params: Record<string, string | string[] | undefined>): JobFilter {
  const parsed = jobFilter.pick({ state: true }).safeParse({ state: [params.state].flat()[0] || undefined });
  return parsed.success ? parsed.data : {};
}

function answerOf(running: number, queued: number): string {
  const runs =
    running === 0 ? "No job is running" : `${counted(running, "job")} ${running === 1 ? "is" : "are"} running`;
  return queued === 0 ? `${runs}.` : `${runs}, and ${queued} ${queued === 1 ? "waits" : "wait"} for a worker.`;
}

function Nothing({ filter }: { filter: JobFilter }) {
  if (filter.state) {
    return <NoMatch title="No job is in this state" action={<LinkButton href="/jobs">Show every state</LinkButton>} />;
  }
  return (
    <EmptyState title="No jobs yet" action={<LinkButton href="/backups">Go to backups</LinkButton>}>
      Adoptions, backups and other long work stand here while they run and after.
    </EmptyState>
  );
}
