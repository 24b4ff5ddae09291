import { setTimeout as pause } from "node:timers/promises";
import { controlPool } from "#db/control.ts";
import { Refusal } from "#db/errors.ts";
import { enqueue } from "#db/jobs/enqueue.ts";
import { isTransient } from "#db/jobs/finish.ts";
import { systemActor } from "#db/mint.ts";
import type { MoveState, PlanMove, StartMove } from "#db/moves/contract.ts";
import { type Move, readMoveRecord } from "#db/moves/move.ts";
import { planMove } from "#db/moves/plan/plan.ts";
import { completeByTwo } from "#db/moves/testing/complete.ts";
import { abortMove, cutOverMove, resumeMove, reverseMove } from "#db/moves/verbs/act.ts";
import { startMove } from "#db/moves/verbs/start.ts";
import { patiently } from "../patience.ts";
import type { Leg } from "./matrix.ts";

const actor = systemActor("faults");

/** From which state a leg is asked for, and in which it is done. */
const legs: Record<Leg, { from: MoveState; to: MoveState; ask(moveId: string): Promise<unknown> }> = {
  forward: { from: "ready", to: "moved", ask: (moveId) => cutOverMove(actor, { moveId }) },
  back: { from: "moved", to: "ready", ask: (moveId) => reverseMove(actor, { moveId }) },
  complete: { from: "moved", to: "completed", ask: completeByTwo },
  abort: { from: "ready", to: "aborted", ask: (moveId) => abortMove(actor, { moveId }) },
};

export interface Journey {
  legs: readonly Leg[];
  /** Workers whose leases need not be waited for. */
  gone(): Iterable<number>;
  /** What a person mends before a move that stopped is resumed. False while that cannot be done yet. */
  mend(move: Move): Promise<boolean>;
  /** Waits until nobody writes at the old place any more, as the grace period before a completion does. */
  known(): Promise<void>;
  withinMs: number;
}

export interface Arrived {
  move: Move;
  resumed: number;
}

const resumesMax = 3;

/** Starts a move, and finds it where only the answer was lost. */
export async function begin(input: PlanMove, more: Pick<StartMove, "pace"> = {}): Promise<Move> {
  const started = await patiently(async () => {
    const { rows } = await controlPool().query<{ id: string }>(
      "SELECT id FROM moves WHERE tenant_id = $1 AND state NOT IN ('completed', 'aborted')",
      [input.tenantId],
    );
    if (rows[0]) return rows[0].id;
    const { hash } = await planMove(actor, input);
    return (await startMove(actor, { ...input, planHash: hash, cutover: "asked", graceHours: 0, ...more })).moveId;
  });
  return patiently(() => readMoveRecord(started));
}

/**
 * Asks for one leg of a move after the other, whatever is struck meanwhile: what was asked for is read from the move and asked for
 * again where it is not on its way. What waits for a person is mended and gone on with, or aborted where that was to come anyway.
 */
export async function travel(moveId: string, journey: Journey): Promise<Arrived> {
  const deadline = performance.now() + journey.withinMs;
  let resumed = 0;
  for (const leg of journey.legs) {
    const { from, to, ask } = legs[leg];
    if (leg === "complete") await journey.known();
    for (;;) {
      const move = await patiently(() => readMoveRecord(moveId));
      if (move.state === to) break;
      if (performance.now() > deadline) throw new Error(`${move.state} and not ${to}: ${move.error ?? "time is up"}.`);
      await patiently(() => dueNow(moveId, [...journey.gone()]));
      const aborts = leg === "abort" && !move.wasMoved;
      // Tried again by itself, as `tend` does every minute: a lock that was not had in two minutes is had later.
      const tended = move.state === "completing" || move.state === "aborting";
      if (move.failed && tended) await journey.mend(move);
      else if (move.failed && !aborts) {
        if (resumed >= resumesMax) throw new Error(`${move.state}: ${move.error}`);
        if (await journey.mend(move)) {
          resumed += 1;
          await asked(() => (move.state === from ? ask(moveId) : resumeMove(actor, { moveId })));
        }
      } else if (move.state === from || move.failed) await asked(() => ask(moveId));
      await pause(100);
    }
  }
  return { move: await patiently(() => readMoveRecord(moveId)), resumed };
}

/** Waits until no worker has the move in hand: what comes after its last state is done too. */
export async function settled(moveId: string, gone: () => Iterable<number>): Promise<void> {
  for (; ; await pause(60)) {
    await patiently(() => dueNow(moveId, [...gone()]));
    const { rowCount } = await patiently(() =>
      controlPool().query(
        "SELECT FROM moves m JOIN jobs j ON j.id = m.job_id WHERE m.id = $1 AND j.state IN ('queued', 'running')",
        [moveId],
      ),
    );
    if (rowCount === 0) return;
  }
}

/** What the server's end cut off, what a frozen worker held, and what came too late, is asked for again. */
async function asked(verb: () => Promise<unknown>): Promise<void> {
  try {
    await verb();
  } catch (error) {
    if (isTransient(error) || (error instanceof Refusal && error.code === "conflict")) return;
    throw error;
  }
}

/** As every minute: what no worker has is queued again. */
export async function tend(): Promise<void> {
  await asked(() => enqueue(actor, { kind: "moves.tend", title: "Tend moves", input: {} }));
}

/** Time passes for the move: leases of workers that are gone are over, and what was given back may be tried again. */
async function dueNow(moveId: string, gone: readonly number[]): Promise<void> {
  await controlPool().query(
    `UPDATE jobs SET lease_until = now()
      WHERE id = (SELECT job_id FROM moves WHERE id = $2) AND state = 'running' AND lease_until > now()
        AND (lease_owner IS NULL OR split_part(lease_owner, ':', 2)::int = ANY ($1))`,
    [gone, moveId],
  );
}
