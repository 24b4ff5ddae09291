import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { Status } from "#components/feedback/status.tsx";
import { Facts } from "#components/page/facts.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { JobProgress } from "#components/progress/job-progress.tsx";
import { When } from "#components/time/when.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import { Copy } from "#components/ui/copy.tsx";
import { Refusal } from "#db/errors.ts";
import { isOver, type JobStep, type JobView, jobReference } from "#db/jobs/contract.ts";
import { readJob, readSteps } from "#db/jobs/read.ts";
import { cancelJob } from "../actions.ts";
import { resultLink } from "../result-link.ts";

export const metadata: Metadata = { title: "Job" };

export default async function JobPage({ params }: PageProps<"/jobs/[id]">) {
  const actor = await pageActor("jobs.read");
  const parsed = jobReference.safeParse(await params);
  if (!parsed.success) notFound();
  const { id } = parsed.data;
  const job = await readJob(actor, id).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const steps = await readSteps(actor, id);
  const made = resultLink(job);
  return (
    <Screen
      above={<Link href="/jobs">Jobs</Link>}
      title={job.title}
      answer={
        <>
          Asked for by {job.actorName} <When at={job.createdAt} />.
        </>
      }
      actions={
        !isOver(job.state) && actor.capabilities.has("jobs.cancel") ? (
          <ActionButton action={cancelJob} input={{ id }} disabled={job.cancelRequestedAt !== null}>
            Cancel job
          </ActionButton>
        ) : null
      }
    >
      <JobProgress job={job} inTitle />
      {made ? (
        <p>
          <Link href={made.href}>{made.label}</Link>
        </p>
      ) : null}
      <Section title="Steps" answer="A finished step is never repeated, whichever worker continues the job.">
        <Steps job={job} steps={steps} />
      </Section>
      <Section title="Details">
        <Facts
          items={[
            { label: "Kind", value: <code>{job.kind}</code> },
            { label: "Id", value: <Copy text={job.id} keep={0} what="job id" /> },
            { label: "Began", value: <When at={job.startedAt} absolute none="not yet" /> },
            { label: "Over", value: <When at={job.finishedAt} absolute none="not yet" /> },
            { label: "Attempts", value: job.attempts },
          ]}
        />
      </Section>
    </Screen>
  );
}

function Steps({ job, steps }: { job: JobView; steps: JobStep[] }) {
  const current = job.step && !steps.some(({ step }) => step === job.step) ? job.step : null;
  if (steps.length === 0 && !current) return <p className="text-muted">No step has begun.</p>;
  return (
    <ol className="grid gap-1">
      {steps.map(({ step, finishedAt }) => (
        <li key={step} className="flex flex-wrap gap-x-4">
          <Status kind="good">{step}</Status>
          <span className="text-muted">
            done <When at={finishedAt} />
          </span>
        </li>
      ))}
      {current ? (
        <li>
          <Status kind={isOver(job.state) ? "critical" : "neutral"}>
            {current}, {isOver(job.state) ? "not finished" : "running"}
          </Status>
        </li>
      ) : null}
    </ol>
  );
}
