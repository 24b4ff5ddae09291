import Link from "next/link";
import { EmptyState } from "#components/feedback/states.tsx";
import { JobProgress } from "#components/progress/job-progress.tsx";
import type { JobView } from "#db/jobs/contract.ts";
import { jobHref } from "../jobs/result-link.ts";

export function Running({ jobs }: { jobs: readonly JobView[] }) {
  if (jobs.length === 0) {
    return (
      <EmptyState title="No job runs">
        Backups, adoptions and measurements show their progress here while they run.
      </EmptyState>
    );
  }
  return (
    <ul className="grid gap-4">
      {jobs.map((job) => (
        <li key={job.id}>
          <Link href={jobHref(job)} className="font-medium hover:text-accent">
            {job.title}
          </Link>
          <JobProgress job={job} />
        </li>
      ))}
    </ul>
  );
}
