import type pg from "pg";
import type { Move } from "../move.ts";
import { isOneDatabase, type Pair } from "../pair.ts";
import { openSession, type Session } from "../session.ts";
import type { Hands } from "./hands.ts";

/**
 * Works through a list on two connections to the new place at once, the next of the list on whichever is free; the first of them is
 * the move's own. Where others work on the servers it is on that one alone, with the rests of the move's pace. When one fails, the
 * other ends what it has begun.
 */
export async function inLanes<T>(
  move: Move,
  { pair, signal, pace }: Hands,
  items: readonly T[],
  work: (client: pg.Client, item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const lane = async (client: pg.Client, may: () => boolean) => {
    while (may()) {
      const item = waiting.shift();
      if (item === undefined) return;
      signal.throwIfAborted();
      const begun = performance.now();
      await work(client, item).catch((error: unknown) => {
        waiting.length = 0;
        throw error;
      });
      await pace.spent(performance.now() - begun, 0);
    }
  };
  const own = () => lane(pair.to.client, () => true);
  if (items.length < 2 || !pace.isAlone()) return own();
  const beside = await openSession(move.to.databaseId, move.id);
  try {
    await allOf([own(), lane(beside.client, () => pace.isAlone())]);
  } finally {
    await beside.close();
  }
}

/** Runs `work` with the pair over connections of its own, for what goes on beside the move's. */
export async function beside<T>(move: Move, pair: Pair, work: (pair: Pair) => Promise<T>): Promise<T> {
  const sessions: Session[] = [];
  const open = async (databaseId: string) => {
    const session = await openSession(databaseId, move.id);
    sessions.push(session);
    return session.client;
  };
  try {
    const to = await open(move.to.databaseId);
    const from = isOneDatabase(pair) ? to : await open(move.from.databaseId);
    return await work({ ...pair, from: { ...pair.from, client: from }, to: { ...pair.to, client: to } });
  } finally {
    await Promise.all(sessions.map((session) => session.close()));
  }
}

/** Waits for all of them, also where one fails. @throws what the first of them threw. */
export async function allOf(lanes: Promise<void>[]): Promise<void> {
  for (const ended of await Promise.allSettled(lanes)) if (ended.status === "rejected") throw ended.reason;
}
