import type { Actor } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { enforceHolds } from "../../holding/enforce.ts";
import type { Move } from "../move.ts";
import { modelPlace } from "./flip.ts";

/**
 * Brings the legal holds to stand at the place that writers are about to come to, so that nobody ever finds it without them. Should the
 * cutover be given up, they keep copies there until the next look of the worker. `held` is what `holdsNow` answers. False where a lock
 * was not had in time.
 */
export async function holdAhead(
  actor: Actor,
  move: Move,
  forward: boolean,
  held: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (held === "[]") return true;
  if (forward) await inControl(actor, (_tx, client) => modelPlace(client, move));
  try {
    await enforceHolds(actor, (forward ? move.to : move.from).databaseId, signal);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.code === "timeout") return false;
    throw error;
  }
}
