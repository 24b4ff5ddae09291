import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { isTransient } from "#db/jobs/finish.ts";

/** Asks again for up to two minutes while the server recovers from a strike, or a frozen process holds a row. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const deadline = performance.now() + 120_000; ; await pause(200)) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error) || performance.now() > deadline) throw error;
    }
  }
}

/** On a connection of its own: the server may have recovered from a crash since. */
export function ask<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  return patiently(async () => {
    const client = new pg.Client(url);
    client.on("error", () => {}); // a server that recovers ends it; the question is asked again
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => {}); // it may be gone already
    }
  });
}
