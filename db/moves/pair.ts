import type pg from "pg";
import { LeaseLost } from "../jobs/lease.ts";
import { type Address, holdMove } from "../managed/moving/gate.ts";
import type { MovingTable, Standing } from "../managed/moving/table.ts";
import { relation, type Statement } from "../managed/statement.ts";

/** One place of a move, connected. */
export interface End {
  client: pg.Client;
  standing: Standing;
  /** What the application is told when it must come here. */
  address: Address;
}

/** The two places in the direction in which rows flow: from where the tenant is open to where it is not. */
export interface Pair {
  moveId: string;
  /** Gives the tenant a block of ids of its own. */
  moveNumber: number;
  /** What this worker took the move over with. */
  epoch: number;
  from: End;
  to: End;
  tables: readonly MovingTable[];
  /** Between two databases, the foreign keys to shared tables, which both have. */
  outside: readonly OutsideKey[];
  signal: AbortSignal;
}

/** A foreign key that leads from a moving table to one that stays. */
export interface OutsideKey {
  child: string;
  columns: string[];
  schema: string;
  table: string;
  parentColumns: string[];
}

/** In one database both places share a connection, and with it a transaction. */
export function isOneDatabase({ from, to }: Pair): boolean {
  return from.client === to.client;
}

export function turned(pair: Pair): Pair {
  return { ...pair, from: pair.to, to: pair.from };
}

/**
 * Runs `work` in one transaction of each database: that of the receiving one commits first, so that what the other forgets has
 * arrived. `before` runs between the two commits, still in the giving one's snapshot. No older worker can commit beside it.
 */
export async function inBoth<T>(
  pair: Pair,
  work: () => Promise<T>,
  before: (value: T) => Promise<void> = async () => {},
): Promise<T> {
  const { from, to } = pair;
  const one = isOneDatabase(pair);
  pair.signal.throwIfAborted();
  try {
    await from.client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ; ${holdTables(from.standing, pair.tables).sql}`);
    if (!one) await to.client.query("BEGIN");
    if (!(await holdMove(to.client, pair.moveId, pair.epoch))) throw new LeaseLost(pair.moveId);
    const value = await work();
    if (!one) await to.client.query("COMMIT");
    await before(value);
    await from.client.query("COMMIT");
    return value;
  } catch (error) {
    await Promise.all([rollback(from.client), one ? null : rollback(to.client)]);
    throw error;
  }
}

/** Keeps the tables as they are until the transaction ends. Before its first snapshot: of a later change it would see a part. */
export function holdTables({ schema }: Standing, tables: readonly MovingTable[]): Statement {
  const names = tables.map(({ name }) => relation(schema, name));
  return {
    sql: `LOCK TABLE ${names.join(", ")} IN ACCESS SHARE MODE`,
    object: "the moving tables",
    lock: `ACCESS SHARE on ${names.join(", ")}, until its transaction ends: nobody's reads or writes wait`,
    why: "No migration changes them in the middle of a snapshot.",
    transactional: true,
  };
}

/** A lost connection has rolled back by itself, and one in the middle of a COPY is closed with its session. */
async function rollback(client: pg.Client): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, 1_000).unref());
  await Promise.race([client.query("ROLLBACK").catch(() => {}), late]);
}
