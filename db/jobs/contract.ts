import { z } from "zod";

export const jobStates = ["queued", "running", "done", "failed", "cancelled"] as const;

export type JobState = (typeof jobStates)[number];

export const jobFilter = z.object({
  state: z.enum(jobStates).optional(),
  kind: z.string().max(100).optional(),
  cursor: z.string().max(500).optional(),
});

export type JobFilter = z.infer<typeof jobFilter>;

export const jobReference = z.object({ id: z.uuid() });

export interface JobProgressView {
  done: number;
  total: number | null;
  unit: "rows" | "bytes" | "statements" | "tables" | "tenants" | "databases";
  line: string;
}

/** A job as screens see it. Times are ISO 8601 text. Its input stays on the server. */
export interface JobView {
  id: string;
  kind: string;
  title: string;
  state: JobState;
  /** The step that runs now, or ran last. */
  step: string | null;
  progress: JobProgressView | null;
  result: Record<string, unknown> | null;
  error: string | null;
  actorName: string;
  attempts: number;
  cancelRequestedAt: string | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** Grows with every change; also the id of the event in the job's event stream. */
  revision: number;
}

export interface JobStep {
  step: string;
  finishedAt: string;
}

/** Whether nothing more will happen to the job. */
export function isOver(state: JobState): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}
