import { setTimeout as pause } from "node:timers/promises";
import { controlPool } from "#db/control.ts";
import { Refusal } from "#db/errors.ts";
import { isInterruption } from "#db/jobs/finish.ts";
import { systemActor } from "#db/mint.ts";
import type { MoveState } from "#db/moves/contract.ts";
import { type Move, readMoveRecord } from "#db/moves/move.ts";
import { completeByTwo } from "#db/moves/testing/complete.ts";
import { abortMove, cutOverMove, resumeMove, reverseMove } from "#db/moves/verbs/act.ts";
import { patiently } from "../patience.ts";

const actor = systemActor("faults");

export type Leg = "forward" | "back" | "complete" | "abort";

/** From which state a leg is asked for, and in which it is done. */
const legs: Record<Leg, { from: MoveState; to: MoveState; ask(moveId: string): Promise<unknown> }> = {
  forward: { from: "ready", to: "moved", ask: (moveId) => cutOverMove(actor, { moveId }) },
  back: { from: "moved", to: "ready", ask: (moveId) => reverseMove(actor, { moveId }) },
  complete: { from: "moved", to: "completed", ask: completeByTwo },
  abort: { from: "ready", to: "aborted", ask: (moveId) => abortMove(actor, { moveId }) },
};

/**
 * Asks for one leg of a move after the other, whatever is struck meanwhile: what was asked for is read from the move and asked for
 * again where it is not on its way. A failure that waits for a person is resumed once, as the screen proposes. `gone` names workers
 * whose leases need not be waited for.
 */
export async function travel(
  moveId: string,
  journey: readonly Leg[],
  gone: () => readonly number[],
  withinMs: number,
): Promise<Move> {
  const deadline = performance.now() + withinMs;
  let resumed = false;
  for (const leg of journey) {
    const { from, to, ask } = legs[leg];
    for (;;) {
      const move = await patiently(() => readMoveRecord(moveId));
      if (move.state === to) break;
      if (performance.now() > deadline) throw new Error(`${move.state} and not ${to}: ${move.error ?? "time is up"}.`);
      await patiently(() => dueNow(gone()));
      if (move.failed) {
        if (resumed) throw new Error(`${move.state}: ${move.error}`);
        resumed = true;
        await asked(() => resumeMove(actor, { moveId }));
      } else if (move.state === from) await asked(() => ask(moveId));
      await pause(25);
    }
  }
  return patiently(() => readMoveRecord(moveId));
}

/** What the server's end cut off, and what came too late, is asked for again. */
async function asked(verb: () => Promise<unknown>): Promise<void> {
  try {
    await verb();
  } catch (error) {
    if (isInterruption(error) || (error instanceof Refusal && error.code === "conflict")) return;
    throw error;
  }
}

/** Time passes: leases of workers that are gone are over, and what was given back may be tried again. */
async function dueNow(gone: readonly number[]): Promise<void> {
  await controlPool().query(
    `UPDATE jobs SET lease_until = now()
      WHERE kind = 'moves.run' AND state = 'running' AND lease_until > now()
        AND (lease_owner IS NULL OR split_part(lease_owner, ':', 2)::int = ANY ($1))`,
    [gone],
  );
}
