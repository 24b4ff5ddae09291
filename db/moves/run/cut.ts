import { setTimeout as pause } from "node:timers/promises";
import type { Actor } from "../../actor.ts";
import { controlPool, inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { isInterruption } from "../../jobs/finish.ts";
import { LeaseLost } from "../../jobs/lease.ts";
import { drain } from "../copy/drain.ts";
import { type Cut, cutOver, isInTheWay } from "../cutover/cut.ts";
import { recoverCut } from "../cutover/recover.ts";
import { holdsNow, requireAllAlong } from "../held.ts";
import { advance, getReady, type Move, noteEvent } from "../move.ts";
import { type Pair, turned } from "../pair.ts";
import { flip } from "./flip.ts";
import { type Hands, isWanted } from "./hands.ts";
import { holdAhead } from "./hold-ahead.ts";
import { bringReferences } from "./references.ts";
import { carrySuspension } from "./suspension.ts";

const attemptsMax = 20;
const calmKeys = 200;

/** Carries what was written until only little of it is left. Answers how long the last round took. */
export async function catchUp(pair: Pair, move: Move): Promise<number> {
  for (let round = 0; ; round += 1) {
    const drained = await drain(pair).catch((error: unknown) => {
      if (round < 40 && isInTheWay(error)) return null;
      throw error;
    });
    if (!drained) continue;
    const { total, ms, keys } = drained;
    await keepDrained(move, keys);
    if (total <= calmKeys || round >= 40) {
      await controlPool().query(
        "UPDATE moves SET lag_keys = $2, lag_at = now(), predicted_pause_ms = $3 WHERE id = $1 AND epoch = $4",
        [move.id, total, Math.round(ms * 1.5 + 10), move.epoch],
      );
      return ms;
    }
  }
}

async function keepDrained(move: Move, keys: ReadonlyMap<number, number>): Promise<void> {
  if (keys.size === 0) return;
  await controlPool().query(
    `UPDATE move_tables t SET drained = t.drained + d.keys
       FROM unnest($2::int[], $3::int[]) AS d (ordinal, keys) WHERE t.move_id = $1 AND t.ordinal = d.ordinal`,
    [move.id, [...keys.keys()], [...keys.values()]],
  );
}

/** Tries to move the writers, forward from `cutting` or back from `reversing`, and gives up after some attempts. */
export async function cut(move: Move, hands: Hands): Promise<Move> {
  const forward = move.state === "cutting";
  const pair = forward ? hands.pair : turned(hands.pair);
  if ((await recoverCut(pair)) === "forward") {
    return flip(hands.actor, move, forward ? "to" : "from", "Writers had moved before the worker was interrupted.");
  }
  for (let attempt = 1; ; attempt += 1) {
    let flipped: Move | undefined;
    const result = await attemptCut(pair, move, hands, attempt, async () => {
      flipped = await flip(hands.actor, move, forward ? "to" : "from", told(move, forward));
    });
    if (result.done && flipped) {
      await keepPause(hands, flipped, result.pauseMs, result.keys);
      return flipped;
    }
    const why = result.done ? "" : result.why;
    await noteEvent(controlPool(), hands.actor, move.id, "gave_up", `Attempt ${attempt} gave up: ${why}.`);
    hands.say(`Attempt ${attempt} gave up: ${why}`);
    if (attempt >= attemptsMax || !(await isWanted(move))) {
      return stay(hands.actor, move, `The cutover was given up ${attempt} times: ${why}.`);
    }
    await pause(Math.min(10_000, 200 * 1.4 ** attempt) * (0.5 + Math.random()), undefined, { signal: hands.signal });
  }
}

/** The writers have moved and only the console does not know yet: the job is tried again, and finds them there. */
class Interrupted extends Refusal {
  constructor(cause: unknown) {
    super("unknown_outcome", "The writers have moved; what the console knows follows.", { cause });
  }
}

/** What fails at the rows themselves is told, with the tenant where it was; a lost connection is for the next attempt of the job. */
async function attemptCut(
  pair: Pair,
  move: Move,
  { actor }: Hands,
  attempt: number,
  flipped: () => Promise<void>,
): Promise<Cut> {
  try {
    if (move.state === "cutting") await bringReferences(pair, move);
    await carrySuspension(pair);
    const forward = move.state === "cutting";
    const held = await requireAllAlong(move, forward, pair.from);
    if (!(await holdAhead(actor, move, forward, held, pair.signal))) {
      return { done: false, why: "the legal holds could not be put on the new place yet", pauseMs: 0 };
    }
    const stillHeldAs = async () => (await holdsNow(forward ? move.from : move.to)) === held;
    await catchUp(pair, move);
    const result = await cutOver(pair, { lock: Math.min(1_000, 50 * attempt), pause: 2_000 }, stillHeldAs);
    // Should this process end in between, the next one finds the gates turned, and goes forward.
    if (result.done) await flipped();
    return result;
  } catch (error) {
    if (error instanceof LeaseLost || isInterruption(error)) throw error;
    if ((await recoverCut(pair)) === "forward") throw new Interrupted(error);
    if (isInTheWay(error)) return { done: false, why: "another transaction was in the way", pauseMs: 0 };
    await stay(actor, move, "The cutover failed; the tenant is where it was.");
    throw error;
  }
}

/** Where the tenant was before the attempts. */
function stay(actor: Actor, move: Move, line: string): Promise<Move> {
  return move.state === "cutting" ? getReady(actor, move, line) : advance(actor, move, "moved", line);
}

function told(move: Move, forward: boolean): string {
  const { tier, databaseName, schema } = forward ? move.to : move.from;
  return `Writers go to ${databaseName}.${schema}, tier ${tier}.`;
}

async function keepPause({ actor }: Hands, move: Move, pauseMs: number, keys: number): Promise<void> {
  const line = `Writers waited ${pauseMs.toFixed(1)} ms, ${keys} keys.`;
  await inControl(actor, async (_tx, client) => {
    await client.query("UPDATE moves SET pause_ms = $2, lag_keys = 0, lag_at = now() WHERE id = $1", [
      move.id,
      pauseMs,
    ]);
    await noteEvent(client, actor, move.id, "paused_writers", line);
  });
}
