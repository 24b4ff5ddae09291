import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { type Control, inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import type { ActOnMove, MoveState, ThrottleMove } from "../contract.ts";
import { completionHash, dropPassedTime, lockMove, type Move, noteEvent, turnState } from "../move.ts";
import { paceText } from "../pace/text.ts";
import { type MoveVerb, verbsOf } from "./contract.ts";
import { enqueueMove } from "./start.ts";

export interface Acted {
  moveId: string;
  /** The job that carries it out; null where nothing is left to do. */
  jobId: string | null;
}

interface Act {
  tx: Control;
  client: pg.PoolClient;
  move: Move;
}

/** Leaves off as soon as it can; what is copied stays copied and writes go on being followed. */
export function pauseMove(actor: Actor, input: ActOnMove): Promise<Acted> {
  return act(actor, input, "pause", async ({ client, move }) => {
    await client.query("UPDATE moves SET paused_at = now(), paused_by = $2 WHERE id = $1", [move.id, actor.name]);
    await noteEvent(client, actor, move.id, "paused", "Paused.");
    return null;
  });
}

/** Goes on after a pause, or after a failure whose cause is gone. */
export function resumeMove(actor: Actor, input: ActOnMove): Promise<Acted> {
  return act(actor, input, "resume", async ({ client, move }) => {
    await client.query(
      "UPDATE moves SET paused_at = NULL, paused_by = NULL, error = NULL, turn_at = NULL WHERE id = $1",
      [move.id],
    );
    await noteEvent(client, actor, move.id, "resumed", "Resumed.");
    await dropPassedTime(client, actor, move.id);
    return enqueueMove(client, actor, move);
  });
}

/** Compares everything again, whichever place is open. */
export function verifyMove(actor: Actor, input: ActOnMove): Promise<Acted> {
  return act(actor, input, "verify", async ({ client, move }) => {
    if (move.state === "ready") {
      await turnState(client, actor, move, "verifying", "Verifying again.");
      return enqueueMove(client, actor, move);
    }
    await client.query("UPDATE moves SET verify_asked_at = now() WHERE id = $1", [move.id]);
    await noteEvent(client, actor, move.id, "verify_asked", "Verifying the way back.");
    return enqueueMove(client, actor, move);
  });
}

/** Moves the writers now. */
export function cutOverMove(actor: Actor, input: ActOnMove): Promise<Acted> {
  return act(actor, input, "cut_over", async ({ tx, client, move }) => {
    await requireConsent(tx, actor, { verb: "moves.cut_over", tier: "costly", subject: move.tenantName }, input);
    await client.query("UPDATE moves SET paused_at = NULL, paused_by = NULL WHERE id = $1", [move.id]);
    await turnState(client, actor, move, "cutting", "The cutover begins.");
    return enqueueMove(client, actor, move);
  });
}

/** Brings the writers back to the old place, with everything that was written at the new one. */
export function reverseMove(actor: Actor, input: ActOnMove): Promise<Acted> {
  return act(actor, input, "reverse", async ({ tx, client, move }) => {
    await requireConsent(tx, actor, { verb: "moves.reverse", tier: "costly", subject: move.tenantName }, input);
    // Once back, it goes forward again only when somebody asks.
    await client.query("UPDATE moves SET cutover = 'asked', cutover_at = NULL WHERE id = $1", [move.id]);
    await turnState(client, actor, move, "reversing", "The way back begins.");
    return enqueueMove(client, actor, move);
  });
}

/** Removes the old place's rows for good. A second person has agreed. */
export function completeMove(actor: Actor, input: ActOnMove): Promise<Acted> {
  return act(actor, input, "complete", async ({ tx, client, move }) => {
    if (!move.completable) {
      throw new Refusal("conflict", "The way back is to stay open for longer than this.", {
        fix: "Complete it when its grace period is over.",
      });
    }
    await requireConsent(
      tx,
      actor,
      {
        verb: "moves.complete",
        tier: "irreversible",
        subject: move.tenantName,
        planHash: completionHash(move),
        secondPerson: true,
      },
      input,
    );
    await turnState(client, actor, move, "completing", "The old place's rows are removed.");
    return enqueueMove(client, actor, move);
  });
}

/** Leaves the tenant where it is and takes the copy away. */
export function abortMove(actor: Actor, input: ActOnMove): Promise<Acted> {
  return act(actor, input, "abort", async ({ tx, client, move }) => {
    await requireConsent(tx, actor, { verb: "moves.abort", tier: "costly", subject: move.tenantName }, input);
    await client.query("UPDATE moves SET paused_at = NULL, paused_by = NULL WHERE id = $1", [move.id]);
    await turnState(client, actor, move, "aborting", "Aborted; the copy is taken away.");
    return enqueueMove(client, actor, move);
  });
}

/** How much of its servers it takes while it copies, compares and removes rows, from the next moment on. */
export function throttleMove(actor: Actor, input: ThrottleMove): Promise<Acted> {
  const { moveId, pace, rows = null, ...limits } = input;
  return act(actor, { moveId }, "throttle", async ({ client, move }) => {
    await client.query("UPDATE moves SET pace = $2, pace_limits = $3, throttle_rows = $4 WHERE id = $1", [
      move.id,
      pace,
      JSON.stringify(limits),
      rows,
    ]);
    await noteEvent(client, actor, move.id, "throttled", `Pace: ${paceText(pace, limits, rows)}.`);
    return null;
  });
}

/** Every verb on a move: the capability, the move's lock, and whether its state allows it. */
export async function act(
  actor: Actor,
  input: ActOnMove,
  verb: MoveVerb,
  work: (act: Act) => Promise<string | null>,
): Promise<Acted> {
  authorise(actor, "tenants.move");
  return inControl(
    actor,
    async (tx, client) => {
      const move = await lockMove(client, input.moveId);
      if (!verbsOf(move.state, move.paused || move.failed, move.silent).includes(verb)) throw notNow(verb, move.state);
      return { moveId: move.id, jobId: await work({ tx, client, move }) };
    },
    { reason: input.reason || null },
  );
}

const words: Record<MoveVerb, string> = {
  pause: "paused",
  resume: "resumed",
  verify: "verified",
  schedule: "given another time to cut over",
  cut_over: "cut over",
  reverse: "reversed",
  complete: "completed",
  abort: "aborted",
  throttle: "throttled",
  give_up: "ended without its other place",
};

function notNow(verb: MoveVerb, state: MoveState): Refusal {
  return new Refusal("conflict", `A move that is ${state.replaceAll("_", " ")} cannot be ${words[verb]}.`, {
    fix: "Reload the move to see what it came to.",
  });
}
