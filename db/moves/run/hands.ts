import type pg from "pg";
import type { Actor } from "../../actor.ts";
import { controlPool } from "../../control.ts";
import { LeaseLost } from "../../jobs/lease.ts";
import { takeMove } from "../../managed/moving/gate.ts";
import { findOutsideKeys } from "../copy/parents.ts";
import type { Side } from "../lost/ending.ts";
import type { Move } from "../move.ts";
import { Pace } from "../pace/pace.ts";
import type { End, Pair } from "../pair.ts";
import { addressOf } from "../plan/place.ts";
import { endOthers, openSession, type Session } from "../session.ts";

/** A move in the hands of one worker: its two places connected, and closed to every earlier worker. */
export interface Hands {
  actor: Actor;
  signal: AbortSignal;
  /** From the old place to the new one, whichever of them is open. */
  pair: Pair;
  sessions: Session[];
  pace: Pace;
  /** Shown beside the job's progress. */
  say(line: string): void;
  close(): Promise<void>;
}

export interface Holder {
  actor: Actor;
  signal: AbortSignal;
  say(line: string): void;
}

/** Connects both places. What an earlier worker still holds there ends, and nothing of it can commit any more. */
export async function takeInHand(move: Move, { actor, signal, say }: Holder): Promise<Hands> {
  const sessions: Session[] = [];
  const pace = new Pace(move, signal);
  const close = async () => {
    await Promise.all([pace.end(), ...sessions.map((session) => session.close())]);
  };
  try {
    const from = await openSession(move.from.databaseId, move.id);
    sessions.push(from);
    const one = move.from.databaseId === move.to.databaseId;
    const to = one ? from : await openSession(move.to.databaseId, move.id);
    if (!one) sessions.push(to);
    for (const session of sessions) {
      await endOthers(session, move.id);
      if (await hasGates(session)) await takeMove(session.client, move.id, move.epoch);
    }
    const pair: Pair = {
      moveId: move.id,
      moveNumber: move.number,
      epoch: move.epoch,
      from: endOf(move, "from", from.client),
      to: endOf(move, "to", to.client),
      tables: move.plan.tables,
      outside: one ? [] : await findOutsideKeys(from.client, move.from.schema, move.plan.tables),
      signal,
    };
    return { actor, signal, pair, sessions, pace, say, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One place of a move, over a connection to it. */
export function endOf({ id, tenantKey, ...move }: Move, which: Side, client: pg.Client): End {
  const { schema, tier } = move[which];
  const side = which === "from" ? "a" : "b";
  return {
    client,
    standing: { moveId: id, tenantKey, side, schema, shared: tier === "shared" },
    address: addressOf({ key: tenantKey }, move[which]),
  };
}

async function hasGates({ client }: Session): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('caretaker.move_workers') IS NOT NULL AS there",
  );
  return rows[0]?.there ?? false;
}

/** The role that writes in the name of the move; its writes pass the gates. */
export function moverOf(hands: Hands, databaseId: string): string {
  return hands.sessions.find((session) => session.databaseId === databaseId)?.role ?? "";
}

/** Whether somebody paused or aborted the move meanwhile. @throws LeaseLost when another worker has it. */
export async function isWanted(move: Move): Promise<boolean> {
  const { rows } = await controlPool().query<{ epoch: number; version: number; paused: boolean }>(
    "SELECT epoch, state_version AS version, paused_at IS NOT NULL AS paused FROM moves WHERE id = $1",
    [move.id],
  );
  const [now] = rows;
  if (now?.epoch !== move.epoch) throw new LeaseLost(move.id);
  return now.version === move.stateVersion && !now.paused;
}
