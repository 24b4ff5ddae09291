import { randomUUID } from "node:crypto";
import type pg from "pg";
import { Refusal } from "#db/errors.ts";
import { inTransaction, type Limits } from "#db/transaction.ts";
import { accounts, type History, ledgerOf, type Transfer, transferStatements } from "./bank.ts";

export const writers = 16;
export const connections = 4;

/** Short, so that a run meets every deadline many times. */
export const faultLimits: Limits = { statement: 2_000, lock: 1_000, idle: 3_000 };

/** Connect 5 s, statement 2 s with 2 s of grace, COMMIT the same, then 30 s to look up an outcome. */
const deadlineMs = 45_000;

export interface Load {
  history: History;
  /** Each operation that had not settled at its deadline. */
  hung: string[];
  longestMs: number;
  stop(): Promise<void>;
}

export function newTransfer(chance: () => number): Transfer {
  const from = 1 + Math.floor(chance() * accounts);
  const to = 1 + ((from + Math.floor(chance() * (accounts - 1))) % accounts);
  return { id: randomUUID(), from, to, amount: 1 + Math.floor(chance() * 50) };
}

/** Sixteen writers on four connections, each transferring as fast as it can until stopped. */
export function startLoad(pool: pg.Pool, chance: () => number): Load {
  const history: History = { committed: new Set(), failed: new Set(), unknown: new Set() };
  const load: Load = { history, hung: [], longestMs: 0, stop };
  let stopping = false;

  async function transfer(): Promise<void> {
    const one = newTransfer(chance);
    const begun = performance.now();
    const watchdog = setTimeout(() => load.hung.push(one.id), deadlineMs);
    try {
      await inTransaction(
        pool,
        async (client) => {
          for (const [sql, values] of transferStatements(one)) await client.query(sql, values);
        },
        { limits: faultLimits, ledger: ledgerOf(one) },
      );
      history.committed.add(one.id);
    } catch (error) {
      const unknown = error instanceof Refusal && error.code === "unknown_outcome";
      history[unknown ? "unknown" : "failed"].add(one.id);
    } finally {
      clearTimeout(watchdog);
      load.longestMs = Math.max(load.longestMs, performance.now() - begun);
    }
  }

  async function writer(): Promise<void> {
    while (!stopping) {
      const failures = history.failed.size;
      await transfer();
      if (history.failed.size > failures) await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  const running = Promise.all(Array.from({ length: writers }, writer));
  async function stop(): Promise<void> {
    stopping = true;
    const tooLong = new Promise<"hung">((resolve) => setTimeout(resolve, deadlineMs, "hung").unref());
    if ((await Promise.race([running, tooLong])) === "hung") load.hung.push("a writer");
  }
  return load;
}
