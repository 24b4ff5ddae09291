"use client";
import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";
import { Bar } from "#components/charts/bar.tsx";
import { Status, type StatusKind } from "#components/feedback/status.tsx";
import { percent } from "#components/numbers/format.ts";
import { useNow } from "#components/time/clock.tsx";
import { duration } from "#components/time/duration.ts";
import { parseMoment } from "#components/time/stamp.ts";
import type { JobState, JobView } from "#db/jobs/contract.ts";
import { amount, pace, share } from "./rate.ts";
import { isOver, useJob } from "./use-job.ts";

export const jobStatus: Record<JobState, StatusKind> = {
  queued: "neutral",
  running: "neutral",
  done: "good",
  failed: "critical",
  cancelled: "warning",
};

interface JobProgressProps {
  /** As the server read it; kept up to date from then on. */
  job: JobView;
  /** Shows the percent in the page title: only on the job's own screen. */
  inTitle?: boolean;
}

/** State, step, amount, rate, time left and the last line of the log. Closing the tab changes nothing. */
export function JobProgress({ job: first, inTitle = false }: JobProgressProps) {
  const { job, hearing } = useJob(first);
  const now = useNow();
  useTitle(job, inTitle);
  useRefreshWhenOver(job);

  const done = job.state === "done" ? 1 : share(job.progress);
  const elapsed = elapsedMs(job, now);
  const speed = job.state === "running" ? pace(job.progress, elapsed) : null;
  return (
    <div className="grid gap-1.5">
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <Status kind={jobStatus[job.state]}>{word(job)}</Status>
        {job.step && !isOver(job) ? <span className="text-muted">{job.step}</span> : null}
        <span className="ml-auto text-faint text-xs">{hearing === "asking" ? "asked every 3 s" : ""}</span>
      </p>
      <Bar
        share={done ?? 0}
        kind={job.state === "failed" ? "critical" : "accent"}
        label={done === null ? `${job.title}: amount unknown` : `${job.title}: ${percent(done, 0)}`}
      />
      <p className="flex min-h-5 flex-wrap gap-x-4 text-muted text-xs">
        {done === null ? null : <span>{percent(done, 0)}</span>}
        {job.progress ? <span>{soFar(job)}</span> : null}
        {speed ? <span>{speed.rate}</span> : null}
        {speed?.left ? <span>about {speed.left} left</span> : null}
        {elapsed > 0 ? <span>{duration(elapsed)} elapsed</span> : null}
      </p>
      {job.error ? (
        <p className="whitespace-pre-line text-critical [overflow-wrap:anywhere]">{job.error}</p>
      ) : (
        <p className="min-h-5 truncate font-mono text-faint text-xs">{job.progress?.line}</p>
      )}
      <span role="status" className="sr-only">
        {isOver(job) ? `${job.title}: ${word(job)}` : ""}
      </span>
    </div>
  );
}

function word(job: JobView): string {
  if (job.cancelRequestedAt && !isOver(job)) return "stopping";
  return job.state === "queued" ? "waiting for a worker" : job.state;
}

function soFar(job: JobView): string {
  const progress = job.progress;
  if (!progress) return "";
  if (progress.total === null) return amount(progress.done, progress.unit);
  return `${amount(progress.done, progress.unit)} of ${amount(progress.total, progress.unit)}`;
}

function elapsedMs(job: JobView, now: number): number {
  const from = job.startedAt ? parseMoment(job.startedAt) : null;
  const to = job.finishedAt ? parseMoment(job.finishedAt)?.getTime() : now;
  return from && to ? Math.max(0, to - from.getTime()) : 0;
}

function useTitle(job: JobView, wanted: boolean) {
  useEffect(() => {
    if (!wanted) return;
    const done = share(job.progress);
    const prefix = isOver(job) ? job.state : done === null ? "…" : percent(done, 0);
    document.title = `${prefix} · ${job.title} · Caretaker`;
  }, [job, wanted]);
}

/** What the job made belongs to the screen around it, which is read again once. */
function useRefreshWhenOver(job: JobView) {
  const router = useRouter();
  const wasOver = useRef(isOver(job));
  useEffect(() => {
    if (!isOver(job) || wasOver.current) return;
    wasOver.current = true;
    router.refresh();
  }, [job, router]);
}
