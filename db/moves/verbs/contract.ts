import type { MoveState } from "../contract.ts";

/** What may be done with a move now. */
export type MoveVerb =
  | "pause"
  | "resume"
  | "verify"
  | "schedule"
  | "cut_over"
  | "reverse"
  | "complete"
  | "abort"
  | "throttle"
  | "give_up";

/**
 * Which verbs a state allows. `moved` is where writers are at the new place and the way back is open. A move that was paused or has
 * stopped is resumed, also where it only follows the writes. `silent` is where the place that is to go cannot be reached.
 */
export function verbsOf(state: MoveState, stopped: boolean, silent: boolean): MoveVerb[] {
  const going: MoveVerb[] = [stopped ? "resume" : "pause", "throttle", "schedule", "abort"];
  const resume: MoveVerb[] = stopped ? ["resume"] : [];
  switch (state) {
    case "preparing":
    case "copying":
    case "indexing":
    case "catching_up":
    case "verifying":
      return going;
    case "ready":
      return [...resume, "cut_over", "schedule", "verify", "abort"];
    case "moved":
      return [...resume, "reverse", "verify", "complete"];
    case "completing":
    case "aborting":
      return silent ? ["give_up"] : ["throttle"];
    default:
      return [];
  }
}
