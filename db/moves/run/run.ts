import { controlPool, inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { failureOf, isTransient } from "../../jobs/finish.ts";
import type { RunningJob } from "../../jobs/kind.ts";
import { LeaseLost } from "../../jobs/lease.ts";
import { plainMessage } from "../../log.ts";
import { noteSilence } from "../lost/look.ts";
import { advance, getReady, type Move, noteEvent, readMoveRecord } from "../move.ts";
import { turned } from "../pair.ts";
import { endAlone } from "./alone.ts";
import { copyTables } from "./copy.ts";
import { catchUp, cut } from "./cut.ts";
import { type Hands, isWanted, takeInHand } from "./hands.ts";
import { tellHome } from "./home.ts";
import { indexTables } from "./index-tables.ts";
import { makeDatabase, prepare } from "./prepare.ts";
import { bringReferences } from "./references.ts";
import { retreat } from "./retreat.ts";
import { abort, complete, dropDatabase } from "./settle.ts";
import { keepSuspended } from "./suspension.ts";
import { loadingStates, takeTurn } from "./turn.ts";
import { verifyTables } from "./verify.ts";

type Show = (done: number, total: number, line: string) => Promise<void>;
/** By what is counted. */
type Shows = Record<"rows" | "tables", Show>;

/** Brings a move as far as it goes without anybody asking. It may be cut off at any point and begun again by anybody. */
export async function runMove(job: RunningJob, moveId: string): Promise<Record<string, unknown>> {
  await takeTurn(job.actor, moveId, job.id);
  const mine = await takeOver(job, moveId);
  if (!mine) return { superseded: true };
  let move = mine;
  const shows: Shows = {
    rows: (done, total, line) => job.progress({ done, total, unit: "rows", line }),
    tables: (done, total, line) => job.progress({ done, total, unit: "tables", line }),
  };
  const holder = { actor: job.actor, signal: job.signal, say: (line: string) => job.log(line) };
  // Cut off after its last step: the database that was made for it may not be of the fleet any more.
  if (move.state === "aborted") await dropDatabase(move);
  if (move.state === "aborted" || move.state === "completed") return { state: move.state };
  let hands: Hands | null = null;
  try {
    if (move.givenUp) return { state: await endAlone(move, holder) };
    // Taking it back needs it too, and it may not have been made yet.
    if (["preparing", "aborting"].includes(move.state) && move.plan.createDatabase) await makeDatabase(move);
    hands = await takeInHand(move, holder);
    for (;;) {
      if (move.paused && isPausable(move)) return { state: move.state, paused: true };
      const next = await step(move, hands, shows);
      if (!next) break;
      move = next;
    }
  } catch (error) {
    throw await told(job, move, error);
  } finally {
    await hands?.close();
  }
  const ended = await readMoveRecord(moveId);
  if (ended.state === "aborted") await dropDatabase(ended);
  return { state: ended.state };
}

/** One state's work. Null where nothing is left to do until somebody asks. */
async function step(move: Move, hands: Hands, shows: Shows): Promise<Move | null> {
  const { actor } = hands;
  const to = (state: Move["state"], line: string) => advance(actor, move, state, line);
  const wanted = () => isWanted(move);
  const again = () => readMoveRecord(move.id);
  switch (move.state) {
    case "preparing":
      await prepare(move, hands);
      return (await wanted()) ? to("copying", "The new place is made; writes are followed.") : again();
    case "copying":
      return (await copyTables(move, hands, shows.rows)) ? to("indexing", "All rows are copied.") : again();
    case "indexing":
      await indexTables(move, hands);
      return (await wanted()) ? to("catching_up", "Keys, indexes and foreign keys are made.") : again();
    case "catching_up":
      await bringReferences(hands.pair, move);
      await catchUp(hands.pair, move);
      return (await wanted()) ? to("verifying", "Caught up with the writes.") : again();
    case "verifying":
      if (!(await verifyTables(move, hands, hands.pair, wanted, shows.tables))) return again();
      await catchUp(hands.pair, move);
      return getReady(actor, move, "Both places hold the same rows.");
    case "ready":
      if (move.due) return to("cutting", "The cutover begins.");
      await tellHome(move, hands, move.from, false);
      await catchUp(hands.pair, move);
      return null;
    case "cutting":
    case "reversing": {
      const after = await cut(move, hands);
      // Back at the old place, or never gone: whoever asked sees why and asks again.
      if (after.state === "moved") return after;
      await tellHome(after, hands, after.from, false);
      await keepSuspended(hands, after, hands.pair.from);
      return null;
    }
    case "moved":
      await tellHome(move, hands, move.to, false);
      await keepSuspended(hands, move, hands.pair.to);
      await catchUp(turned(hands.pair), move);
      if (move.verifyAsked) await verifyBack(move, hands, shows.tables);
      return null;
    case "completing":
      await complete(move, hands);
      return null;
    case "aborting":
      await abort(move, hands);
      return null;
    default:
      return null;
  }
}

async function verifyBack(move: Move, hands: Hands, show: Show): Promise<void> {
  await verifyTables(move, hands, turned(hands.pair), async () => true, show);
  await controlPool().query("UPDATE moves SET verify_asked_at = NULL WHERE id = $1", [move.id]);
  await noteEvent(controlPool(), hands.actor, move.id, "verified", "Both places hold the same rows.");
}

function isPausable({ state }: Move): boolean {
  return loadingStates.some((one) => one === state);
}

/** Takes the move from whoever had it, if this is still the job that is to do it. Bound to the job's own lease. */
async function takeOver(job: RunningJob, moveId: string): Promise<Move | null> {
  await job.stepInControl(`take over ${new Date().toISOString()}`, async (_tx, client) => {
    await client.query("UPDATE moves SET epoch = epoch + 1 WHERE id = $1 AND job_id = $2", [moveId, job.id]);
    return {};
  });
  const { rows } = await controlPool().query<{ job: string | null }>("SELECT job_id AS job FROM moves WHERE id = $1", [
    moveId,
  ]);
  return rows[0]?.job === job.id ? readMoveRecord(moveId) : null;
}

/** Keeps what a person should know about a failure with the move. What may pass is tried again by itself. */
async function told({ id, actor }: RunningJob, move: Move, cause: unknown): Promise<unknown> {
  if (cause instanceof LeaseLost) return cause;
  await noteSilence(actor, move);
  const error = (await retreat(actor, move)) ?? cause;
  if (isTransient(error)) return error;
  const message = error instanceof Refusal ? failureOf(error).message : plainMessage(error);
  await inControl(actor, async (_tx, client) => {
    // Where somebody has asked for something else meanwhile, it is not about that.
    await client.query("UPDATE moves SET error = $2 WHERE id = $1 AND epoch = $3 AND job_id = $4", [
      move.id,
      message,
      move.epoch,
      id,
    ]);
    await noteEvent(client, actor, move.id, "failed", message);
  });
  return error;
}
