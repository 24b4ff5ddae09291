import type pg from "pg";
import type { Move } from "../move.ts";
import { openSession } from "../session.ts";
import type { Hands } from "./hands.ts";

/**
 * Works through a list on two connections to the new place at once, the next of the list on whichever is free; the first of them is
 * the move's own. When one fails, the other ends what it has begun.
 */
export async function inLanes<T>(
  move: Move,
  { pair, signal }: Hands,
  items: readonly T[],
  work: (client: pg.Client, item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const lane = async (client: pg.Client) => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      signal.throwIfAborted();
      await work(client, item).catch((error: unknown) => {
        waiting.length = 0;
        throw error;
      });
    }
  };
  if (items.length < 2) return lane(pair.to.client);
  const beside = await openSession(move.to.databaseId, move.id);
  try {
    const ended = await Promise.allSettled([lane(pair.to.client), lane(beside.client)]);
    for (const one of ended) if (one.status === "rejected") throw one.reason;
  } finally {
    await beside.close();
  }
}
