import pg from "pg";
import { LeaseLost } from "../../jobs/lease.ts";
import { type Address, type GateTurn, holdWriters, letWritersGo, turnGate } from "../../managed/moving/gate.ts";
import { countNoted, drain } from "../copy/drain.ts";
import { isOneDatabase, type Pair } from "../pair.ts";
import { findHandovers, handOverSequences } from "./sequences.ts";

/** In milliseconds. */
export interface CutLimits {
  /** How long writers may have to wait for a transaction of the tenant that goes on, before the attempt is given up. */
  lock: number;
  /** How long they may wait in all. */
  pause: number;
}

const cutLimits: CutLimits = { lock: 400, pause: 2_000 };

/** Keys that are carried in a pause; more of them are carried before it. */
const keysInPause = 1_000;

/** What a cutover came to, and how long writers were held for it. One that was given up left everything as it was. */
export type Cut = { done: true; pauseMs: number; keys: number } | { done: false; why: string; pauseMs: number };

/** The pause would pass its limit; everything is taken back. */
class TooLong extends Error {}

/** What was asked before the pause is not so any more; everything is taken back. */
class Stale extends Error {}

/**
 * Moves the writers. While the advisory lock is held nobody writes: those in flight have ended and others wait. The last keys
 * are carried, the place that is left is closed durably and then the other one opened, and the lock let go at once. Whoever asks
 * at the place that was left is told where to go, so that the console may learn of it later. `stillHeldAs` asks whether the legal holds
 * are those that were seen before the pause.
 */
export async function cutOver(
  pair: Pair,
  limits: CutLimits = cutLimits,
  stillHeldAs: () => Promise<boolean> = async () => true,
): Promise<Cut> {
  const { from, to } = pair;
  if ((await countNoted(pair, keysInPause)) >= keysInPause)
    return { done: false, why: "too much was written since the last round", pauseMs: 0 };
  const handovers = await findHandovers(pair);
  let left = false;
  await alert(pair, limits);
  const begun = performance.now();
  const since = () => performance.now() - begun;
  try {
    if (!(await lock(pair))) {
      return {
        done: false,
        why: "a transaction of the tenant went on for longer than writers may wait",
        pauseMs: since(),
      };
    }
    // A long transaction may have ended just now, with all that it wrote.
    if ((await countNoted(pair, keysInPause)) >= keysInPause) throw new TooLong();
    const { total } = await drain(pair, async () => {
      await handOverSequences(pair, handovers);
      if (!(await stillHeldAs())) throw new Stale();
      if (since() > limits.pause) throw new TooLong();
      if (!(await turnGate(from.client, from.standing, closing(to.address, pair.epoch))))
        throw new LeaseLost(pair.moveId);
      if (isOneDatabase(pair)) await open(pair);
    });
    left = true;
    if (!isOneDatabase(pair)) await open(pair);
    await from.client.query(letWritersGo(from.standing).sql);
    return { done: true, pauseMs: since(), keys: total };
  } catch (error) {
    if (error instanceof Stale)
      return { done: false, why: "a legal hold was placed or released meanwhile", pauseMs: since() };
    // Once the place is left, nothing is given up any more.
    if (left || !(error instanceof TooLong || isInTheWay(error))) throw error;
    return { done: false, why: "the last round took longer than writers may wait", pauseMs: since() };
  } finally {
    await release(pair);
  }
}

/** A lock that was not had in time, a deadlock, or a statement that took too long: nothing was done. */
export function isInTheWay(error: unknown): boolean {
  return error instanceof pg.DatabaseError && ["55P03", "40P01", "40001", "57014"].includes(error.code ?? "");
}

/** Of the place that is left. */
export function closing(address: Address, epoch: number): GateTurn {
  return { from: ["open"], to: "moved", address, epoch };
}

/** Of the place that the tenant comes to. */
export function opening(address: Address, epoch: number): GateTurn {
  return { from: ["importing", "moved"], to: "open", address, epoch };
}

async function open({ to, epoch, moveId }: Pair): Promise<void> {
  if (!(await turnGate(to.client, to.standing, opening(to.address, epoch)))) throw new LeaseLost(moveId);
}

/** Should this process stop here, the server ends its sessions, and with them the lock, by itself. */
async function alert({ from, to }: Pair, limits: CutLimits): Promise<void> {
  const idle = String(limits.pause + 3_000);
  for (const client of new Set([from.client, to.client])) {
    await client.query(
      `SELECT set_config('idle_session_timeout', $1, false), set_config('idle_in_transaction_session_timeout', $1, false),
              set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false)`,
      [idle, String(limits.lock)],
    );
  }
}

async function lock({ from }: Pair): Promise<boolean> {
  try {
    await from.client.query(holdWriters(from.standing).sql);
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === "55P03") return false;
    throw error;
  }
}

async function release({ from, to }: Pair): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, 1_000).unref());
  const calm = async () => {
    await from.client.query(letWritersGo(from.standing).sql);
    for (const client of new Set([from.client, to.client])) {
      await client.query(
        "SET idle_session_timeout = 0; SET idle_in_transaction_session_timeout = '600s'; SET statement_timeout = '1800s'; SET lock_timeout = '5s'",
      );
    }
  };
  // A lost session has let go by itself.
  await Promise.race([calm().catch(() => {}), late]);
}
