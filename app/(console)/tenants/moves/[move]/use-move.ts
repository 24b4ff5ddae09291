"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useJob } from "#components/progress/use-job.ts";
import type { JobView } from "#db/jobs/contract.ts";
import type { LiveMove } from "#db/moves/contract.ts";
import { isOverMove } from "../words.ts";

// Verbs of other people and the worker's own rounds come between two jobs, where no event tells of them.
const askEveryMs = 5_000;

/** A move as it changes: read again with each event of its job, and now and then. `failure` says why what is shown may be old. */
export function useMove(first: LiveMove): { live: LiveMove; failure: string | null; askAgain: () => void } {
  const client = useQueryClient();
  const key = ["move", first.move.id];
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => readMove(first.move.id, signal),
    initialData: first,
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state }) => (state.data && isOverMove(state.data.move) ? false : askEveryMs),
    refetchOnWindowFocus: "always",
    retry: false,
  });
  // After a verb the server sends the screen again.
  useEffect(() => {
    client.setQueryData(["move", first.move.id], (known?: LiveMove) => (known && known.at > first.at ? known : first));
  }, [client, first]);
  return {
    live: data,
    failure: error === null ? null : error.message,
    askAgain: () => void refetch({ cancelRefetch: false }),
  };
}

/** Listens to one job. Its key is the job's id, since each verb goes on in another one. */
export function JobEars({ job, heard }: { job: JobView; heard: () => void }) {
  const { revision } = useJob(job).job;
  useEffect(() => {
    if (revision !== job.revision) heard();
  }, [revision, job.revision, heard]);
  return null;
}

async function readMove(id: string, signal: AbortSignal): Promise<LiveMove> {
  const response = await fetch(`/api/moves/${id}`, { signal, headers: { accept: "application/json" } });
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && isLive(body)) return body;
  throw new Error(isRefused(body) ? body.message : `The console answered with status ${response.status}.`);
}

function isLive(body: unknown): body is LiveMove {
  return typeof body === "object" && body !== null && "move" in body && "job" in body;
}

function isRefused(body: unknown): body is { message: string } {
  return typeof body === "object" && body !== null && "message" in body && typeof body.message === "string";
}
