import type pg from "pg";
import { lend } from "./deadline.ts";
import { isAnswer } from "./outcome.ts";

/** A server that works answers a BEGIN at once. */
const answerMs = 2_000;

const used = new WeakSet<pg.PoolClient>();

/**
 * Takes a client from the pool and begins a transaction on it, with `statement` as BEGIN has it. A connection that was used before
 * may be dead without a word since, such as one that a firewall forgot: where it does not answer within two seconds, or is lost, it
 * is dropped and another one taken. Nothing was asked of it yet, so nothing is done twice.
 *
 * @throws what a new connection's failure is: then it is the server that does not answer.
 */
export async function beginOn(pool: pg.Pool, statement: string, statementMs: number): Promise<pg.PoolClient> {
  for (;;) {
    const client = await pool.connect();
    const again = used.has(client);
    used.add(client);
    const { client: lent, takeBack } = lend(client, again ? Math.min(answerMs, statementMs || answerMs) : statementMs);
    try {
      await lent.query(statement);
      return client;
    } catch (error) {
      client.release(error instanceof Error ? error : true);
      if (!again || isAnswer(error)) throw error;
    } finally {
      takeBack();
    }
  }
}
