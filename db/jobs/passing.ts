import type pino from "pino";
import type { Actor } from "../actor.ts";
import { inControl } from "../control.ts";
import type { RunningJob } from "./kind.ts";

/** A run without a row, for a scheduled trifle: nothing to resume, nothing to show. */
export function passing(id: string, actor: Actor, signal: AbortSignal, log: pino.Logger): RunningJob {
  return {
    id,
    input: {},
    planHash: null,
    actor,
    signal,
    step: (_name, work) => work(),
    stepInControl: (_name, work) => inControl(actor, work),
    async progress({ line }) {
      log.debug({ job: id }, line);
    },
    log(line) {
      log.debug({ job: id }, line);
    },
  };
}
