import type { MoveState } from "../contract.ts";
import { type Move, readMoveRecord } from "../move.ts";

/** Waits until a move is in a state. @throws when it failed, or did not get there in time. */
export async function untilState(moveId: string, state: MoveState, ms = 90_000, everyMs = 25): Promise<Move> {
  const deadline = performance.now() + ms;
  for (;;) {
    const move = await readMoveRecord(moveId);
    if (move.state === state) return move;
    if (move.failed || performance.now() > deadline) {
      throw new Error(`The move is ${move.state} and not ${state}: ${move.error ?? "time is up"}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
