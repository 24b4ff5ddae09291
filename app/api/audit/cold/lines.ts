import { failureOf } from "#app/_server/answer.ts";
import type { ColdLine } from "#db/audit/cold/contract.ts";
import type { Finding } from "#db/audit/cold/find-months.ts";

const headers = {
  "content-type": "application/x-ndjson; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
};

/**
 * Work on archived months as an answer in lines of JSON: progress while it goes on, then what it gave or why there is nothing.
 * It ends when the reader leaves.
 */
export function coldLines(path: string, left: AbortSignal, work: (finding: Finding) => Promise<ColdLine>): Response {
  const leaving = new AbortController();
  const signal = AbortSignal.any([left, leaving.signal]);
  const lines = new ReadableStream<Uint8Array>({
    async start(controller) {
      const say = (line: ColdLine) => {
        if (!signal.aborted) controller.enqueue(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
      };
      try {
        const onProgress = (done: number, total: number, month: string) =>
          say({ kind: "progress", done, total, month });
        say(await work({ signal, onProgress }));
      } catch (error) {
        if (!signal.aborted) {
          const { code, message, fix } = failureOf(error, path);
          say({ kind: "failed", code, message, ...(fix === undefined ? {} : { fix }) });
        }
      }
      if (!leaving.signal.aborted) controller.close();
    },
    cancel(reason) {
      leaving.abort(reason);
    },
  });
  return new Response(lines, { headers });
}
