import { setTimeout as pause } from "node:timers/promises";
import { log } from "#app/_server/log.ts";
import type { Actor } from "#db/actor.ts";
import { Refusal } from "#db/errors.ts";
import { isOver } from "#db/jobs/contract.ts";
import { readJob } from "#db/jobs/read.ts";
import { isStillIn } from "#db/staff/still-in.ts";

const lookEveryMs = 700;
/** Proxies close connections on which nothing moves. */
const heartbeatEveryMs = 15_000;
/** Then the browser comes back by itself, so that no stream outlives a deployment for long. */
const longestMs = 10 * 60_000;

/** Sends each new state of a job until the job is over, the reader is gone, or the session no longer stands. */
export function jobEvents(actor: Actor, id: string, seen: number, gone: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const closed = new AbortController();
  const signal = AbortSignal.any([gone, closed.signal, AbortSignal.timeout(longestMs)]);

  async function follow(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    let last = seen;
    let sentAt = performance.now();
    const send = (text: string) => {
      if (signal.aborted) return;
      controller.enqueue(encoder.encode(text));
      sentAt = performance.now();
    };
    send("retry: 2000\n\n");
    while (!signal.aborted && (await isStillIn(actor))) {
      const job = await readJob(actor, id);
      if (job.revision > last) send(`id: ${job.revision}\ndata: ${JSON.stringify(job)}\n\n`);
      last = job.revision;
      if (isOver(job.state)) return;
      if (performance.now() - sentAt > heartbeatEveryMs) send(": still here\n\n");
      await pause(lookEveryMs, undefined, { signal });
    }
  }

  return new ReadableStream({
    async start(controller) {
      try {
        await follow(controller);
      } catch (error) {
        // The browser reconnects, and is then told what is wrong.
        if (!signal.aborted && !(error instanceof Refusal))
          log.warn({ err: error, job: id }, "an event stream broke off");
      }
      if (!closed.signal.aborted) controller.close();
    },
    cancel() {
      closed.abort();
    },
  });
}
