import { setTimeout as pause } from "node:timers/promises";
import { controlPool } from "../../control.ts";
import { type CopyProgress, chunkRows, copyChunk, shareOf } from "../copy/chunk.ts";
import type { Move } from "../move.ts";
import type { Pair } from "../pair.ts";
import type { PlannedTable } from "../plan/tables.ts";
import { type Hands, isWanted } from "./hands.ts";
import { allOf, beside } from "./lanes.ts";

type Show = (done: number, total: number, line: string) => Promise<void>;

const showEveryMs = 500;
const lookEveryMs = 250;

/**
 * Copies table after table, two at a time while nobody else works on the servers. False when somebody paused or aborted: what is
 * copied stays copied.
 */
export async function copyTables(move: Move, hands: Hands, show: Show): Promise<boolean> {
  await hands.pace.begin();
  // Parents stand before children, by which rows are known in shared tables. Elsewhere what takes longest begins first, so that
  // nothing long is left when the other connection has done everything.
  const { tables } = move.plan;
  const { shared } = hands.pair.to.standing;
  const order = shared ? [...tables] : tables.toSorted((a, b) => b.estimatedRows - a.estimatedRows);
  const copying = new Copying(move, hands, order, show);
  const own = copying.work(hands.pair, () => true);
  // Unique keys stand in shared tables already, and give way to one writer at a time.
  const lanes = shared
    ? [own]
    : [own, beside(move, hands.pair, (pair) => copying.work(pair, () => hands.pace.isAlone()))];
  await allOf(lanes.map((lane) => copying.orStop(lane)));
  return copying.wanted;
}

/** The tables that are still to be copied, on however many connections. */
class Copying {
  wanted = true;
  private readonly waiting: PlannedTable[];
  private readonly rows = new Map<number, number>();
  private readonly total: number;
  private busy = 0;
  private failed = false;
  private readonly move: Move;
  private readonly hands: Hands;
  private readonly show: Show;

  constructor(move: Move, hands: Hands, waiting: PlannedTable[], show: Show) {
    this.move = move;
    this.hands = hands;
    this.waiting = waiting;
    this.show = show;
    this.total = waiting.reduce((sum, table) => sum + table.estimatedRows, 0);
  }

  /** The other lane ends after its chunk when one fails. */
  async orStop(lane: Promise<void>): Promise<void> {
    await lane.catch((error: unknown) => {
      this.failed = true;
      throw error;
    });
  }

  /** Copies on one connection while it may; a table that it must leave is gone on with on another one. */
  async work(pair: Pair, may: () => boolean): Promise<void> {
    while (this.goesOn() && this.waiting.length > 0) {
      if (!may() && this.busy > 0) {
        await pause(lookEveryMs, undefined, { signal: pair.signal });
        continue;
      }
      const table = this.waiting.shift();
      if (!table) return;
      this.busy += 1;
      try {
        // Alone it goes on in any case.
        if (!(await this.copy(pair, table, () => may() || this.busy === 1))) this.waiting.unshift(table);
      } finally {
        this.busy -= 1;
      }
    }
  }

  private goesOn(): boolean {
    return this.wanted && !this.failed;
  }

  /** False when it had to stop before the end. */
  private async copy(pair: Pair, table: PlannedTable, may: () => boolean): Promise<boolean> {
    const { pace } = this.hands;
    const rowBytes = table.estimatedRows > 0 ? table.estimatedBytes / table.estimatedRows : 100;
    const limit = chunkRows(rowBytes);
    const share = await shareOf(pair.from, table, table.estimatedRows);
    let shownAt = 0;
    while (this.goesOn() && may()) {
      const begun = performance.now();
      const progress = await copyChunk(pair, table, pace.copyAtOnce(limit), share);
      const took = performance.now() - begun;
      this.rows.set(table.ordinal, progress.rows);
      if (progress.done || begun - shownAt > showEveryMs) {
        shownAt = begun;
        await keepProgress(this.move, table, progress, rowBytes);
        await this.tell(table);
        if (!(await isWanted(this.move))) this.wanted = false;
      }
      if (progress.done) return true;
      await pace.copied(took, progress.carried, () => isWanted(this.move));
    }
    return false;
  }

  private async tell({ name }: PlannedTable): Promise<void> {
    const done = [...this.rows.values()].reduce((sum, rows) => sum + rows, 0);
    await this.show(done, Math.max(this.total, done), `Copying ${name}`);
  }
}

async function keepProgress(move: Move, table: PlannedTable, progress: CopyProgress, rowBytes: number): Promise<void> {
  const { rowCount } = await controlPool().query(
    `UPDATE move_tables
        SET copied_to_key = $3, rows = $4, bytes = $5, copied_at = CASE WHEN $6 THEN coalesce(copied_at, now()) END
      WHERE move_id = $1 AND ordinal = $2`,
    [
      move.id,
      table.ordinal,
      progress.lastKey,
      progress.rows,
      progress.bytes || Math.round(progress.rows * rowBytes),
      progress.done,
    ],
  );
  if (rowCount !== 1) throw new Error(`The move has no table ${table.name}.`);
}
