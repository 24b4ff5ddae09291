"use client";
import { useQuery } from "@tanstack/react-query";
import { LoaderCircle } from "lucide-react";
import { Bar } from "#components/charts/bar.tsx";
import { percent } from "#components/numbers/format.ts";
import { share } from "#components/progress/rate.ts";
import { Menu, MenuHeading, MenuLink } from "#components/ui/menu.tsx";
import type { JobView } from "#db/jobs/contract.ts";
import { jobHref } from "../jobs/result-link.ts";

/** Jobs that run now, from anywhere. Nothing is shown while none runs. */
export function RunningJobs() {
  const { data: jobs = [] } = useQuery({
    queryKey: ["running jobs"],
    queryFn: ({ signal }) => readRunning(signal),
    refetchInterval: (query) => (query.state.data?.length ? 3_000 : 12_000),
    refetchOnWindowFocus: true,
    retry: false,
  });
  if (jobs.length === 0) return null;
  return (
    <Menu
      look="ghost"
      name={jobs.length === 1 ? "1 job is running" : `${jobs.length} jobs are running`}
      label={
        <>
          <LoaderCircle aria-hidden="true" className="breathes text-accent" />
          {jobs.length}
        </>
      }
    >
      <MenuHeading>Running now</MenuHeading>
      {jobs.map((job) => {
        const done = share(job.progress);
        return (
          <MenuLink key={job.id} href={jobHref(job)}>
            <span className="grid w-64 gap-1 py-1">
              <span className="flex gap-2">
                <span className="truncate">{job.title}</span>
                <span className="ml-auto text-faint">{done === null ? job.step : percent(done, 0)}</span>
              </span>
              <Bar share={done ?? 0} label={`${job.title}: ${done === null ? "amount unknown" : percent(done, 0)}`} />
            </span>
          </MenuLink>
        );
      })}
    </Menu>
  );
}

async function readRunning(signal: AbortSignal): Promise<JobView[]> {
  const response = await fetch("/api/jobs?state=running", { signal });
  if (!response.ok) return [];
  const page: { rows: JobView[] } = await response.json();
  return page.rows;
}
