"use client";
import { useEffect, useState } from "react";
import type { JobView } from "#db/jobs/contract.ts";

/** How the screen hears of the job: by its event stream, by asking again and again, or no more. */
export type Hearing = "live" | "asking" | "over";

const askEveryMs = 3000;

/** A job as it changes. Where the event stream does not get through, it is asked for; a hidden tab neither listens nor asks. */
export function useJob(first: JobView): { job: JobView; hearing: Hearing } {
  const [job, setJob] = useState(first);
  const [streaming, setStreaming] = useState(true);
  const visible = useVisible();
  const over = isOver(job);

  useEffect(() => {
    setJob((known) => newer(known, first));
  }, [first]);

  useEffect(() => {
    if (over || !visible || !streaming) return;
    const source = new EventSource(`/api/jobs/${first.id}/events`);
    source.onmessage = (event) => setJob((known) => newer(known, readJob(event.data)));
    source.onerror = () => source.readyState === EventSource.CLOSED && setStreaming(false);
    return () => source.close();
  }, [first.id, over, visible, streaming]);

  useEffect(() => {
    if (over || !visible || streaming) return;
    const timer = setInterval(async () => {
      const response = await fetch(`/api/jobs/${first.id}`).catch(() => null);
      if (response?.ok) setJob(newer(job, readJob(await response.text())));
    }, askEveryMs);
    return () => clearInterval(timer);
  }, [first.id, over, visible, streaming, job]);

  return { job, hearing: over ? "over" : streaming ? "live" : "asking" };
}

function readJob(text: string): JobView | null {
  const body: unknown = JSON.parse(text);
  return isJob(body) ? body : null;
}

function isJob(body: unknown): body is JobView {
  return typeof body === "object" && body !== null && "revision" in body && "state" in body;
}

function newer(known: JobView, heard: JobView | null): JobView {
  return heard && heard.revision >= known.revision ? heard : known;
}

export function isOver(job: JobView): boolean {
  return job.state === "done" || job.state === "failed" || job.state === "cancelled";
}

function useVisible(): boolean {
  const [visible, setVisible] = useState(true);
  useEffect(() => {
    const look = () => setVisible(!document.hidden);
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return visible;
}
