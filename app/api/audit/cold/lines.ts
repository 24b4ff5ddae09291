import { failureOf } from "#app/_server/answer.ts";
import type { Actor } from "#db/actor.ts";
import type { ColdLine } from "#db/audit/cold/contract.ts";
import { readCold } from "#db/audit/cold/read.ts";
import type { AuditFilter } from "#db/audit/contract.ts";

/** A search of archived months as lines of JSON, ended when the reader leaves. */
export function coldLines(
  actor: Actor,
  filter: AuditFilter,
  cursor: string | null,
  left: AbortSignal,
): ReadableStream<Uint8Array> {
  const leaving = new AbortController();
  const signal = AbortSignal.any([left, leaving.signal]);
  return new ReadableStream({
    async start(controller) {
      const say = (line: ColdLine) => {
        if (!signal.aborted) controller.enqueue(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
      };
      try {
        const onProgress = (done: number, total: number, month: string) =>
          say({ kind: "progress", done, total, month });
        say({ kind: "page", page: await readCold(actor, filter, { cursor, signal, onProgress }) });
      } catch (error) {
        if (!signal.aborted) {
          const { code, message, fix } = failureOf(error, "/api/audit/cold");
          say({ kind: "failed", code, message, ...(fix === undefined ? {} : { fix }) });
        }
      }
      if (!leaving.signal.aborted) controller.close();
    },
    cancel(reason) {
      leaving.abort(reason);
    },
  });
}
