import { pollHandler } from "#app/_server/handler.ts";
import { isOver, jobReference } from "#db/jobs/contract.ts";
import { readJob } from "#db/jobs/read.ts";
import { jobEvents } from "./stream.ts";

/** The job's states as server-sent events, each with its revision as id; a browser that comes back names the last it saw. */
export const GET = pollHandler("jobs.read", jobReference, async (actor, { id }, request) => {
  const seen = Number(request.headers.get("last-event-id") ?? -1);
  const job = await readJob(actor, id);
  // No content tells the browser that there is no more to come.
  if (isOver(job.state) && job.revision <= seen) return new Response(null, { status: 204 });
  return new Response(jobEvents(actor, id, Number.isInteger(seen) ? seen : -1, request.signal), {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    },
  });
});
