import { setTimeout as pause } from "node:timers/promises";
import { controlPool } from "../../control.ts";
import type { Move } from "../move.ts";
import { besideSql } from "../run/turn.ts";
import { openSession } from "../session.ts";
import type { MovePace, PaceLimits, Pacing } from "./contract.ts";
import { type Judgement, judge, nextShare, pacingOf, restMs, rowsAtOnce } from "./judge.ts";
import { Watch } from "./watch.ts";

const judgeEveryMs = 250;

interface Wanted {
  pacing: Pacing;
  rowsPerSecond: number | null;
  /** Moves that copy at the same time on one of its servers, itself among them. */
  beside: number;
}

/**
 * How fast a move copies and compares: as fast as it goes where nobody else works on its servers, and in short bursts with rests
 * between them where somebody does. The cutover asks nobody.
 */
export class Pace {
  private readonly move: Move;
  private readonly signal: AbortSignal;
  private watches: Watch[] | null = null;
  private share = 1;
  private rowsPerMs = 1;
  private judgedAt = 0;
  private judgement: Judgement = { way: "free", why: null };
  private wanted: Wanted | null = null;
  private said: string | null = null;
  private saidAt = -1_000;

  constructor(move: Move, signal: AbortSignal) {
    this.move = move;
    this.signal = signal;
  }

  /** Begins to watch the servers; before the first rows, so that it knows them without the move. */
  async begin(): Promise<void> {
    if (this.watches) return;
    this.watches = [];
    const { from, to, id } = this.move;
    const places = from.serverId === to.serverId ? [from] : [from, to];
    for (const { databaseId, serverName } of places) {
      const watch = new Watch(serverName, await openSession(databaseId, id));
      this.watches.push(watch);
      await watch.begin();
    }
    await this.judge(false);
  }

  isFree(): boolean {
    return this.share >= 1;
  }

  /** Whether the move may use more than one processor of a server: nobody else is there, and nobody asked for less. */
  isAlone(): boolean {
    return (
      this.isFree() && this.judgement.way === "free" && !this.wanted?.rowsPerSecond && (this.wanted?.beside ?? 1) === 1
    );
  }

  /** How many rows to take next, at most `most`. */
  rowsAtOnce(most: number): number {
    return this.isFree() || !this.wanted ? most : rowsAtOnce(this.rowsPerMs, this.wanted.pacing, most);
  }

  /** Told of each burst of work, rests as long as it must. */
  async spent(workedMs: number, rows: number): Promise<void> {
    await this.after(workedMs, rows, false);
  }

  /** As `spent`, of work that writes rows. While something forbids that it waits, as long as `wanted` says so. */
  async wrote(workedMs: number, rows: number, wanted: () => Promise<boolean>): Promise<void> {
    await this.after(workedMs, rows, true);
    while (this.judgement.way === "stop" && (await wanted())) {
      await this.rest(judgeEveryMs);
      await this.judge(true);
    }
  }

  /** As `rowsAtOnce`, of rows that are copied: no more than may be in a second. */
  copyAtOnce(most: number): number {
    return this.rowsAtOnce(Math.min(most, this.wanted?.rowsPerSecond ?? most));
  }

  /** As `wrote`, of copied rows. */
  async copied(workedMs: number, rows: number, wanted: () => Promise<boolean>): Promise<void> {
    const begun = performance.now();
    await this.wrote(workedMs, rows, wanted);
    const limit = this.wanted?.rowsPerSecond;
    if (limit) await this.rest((rows / limit) * 1_000 - workedMs - (performance.now() - begun));
  }

  async end(): Promise<void> {
    await Promise.all((this.watches ?? []).map((watch) => watch.end()));
    this.watches = null;
  }

  private async after(workedMs: number, rows: number, waits: boolean): Promise<void> {
    if (rows > 0 && workedMs > 0) this.rowsPerMs += (rows / workedMs - this.rowsPerMs) * 0.3;
    if (performance.now() - this.judgedAt > judgeEveryMs) await this.judge(waits);
    await this.rest(restMs(workedMs, this.share));
  }

  private async rest(ms: number): Promise<void> {
    if (ms > 0) await pause(ms, undefined, { signal: this.signal });
  }

  /** From the newest look at each server and what the move's people have set meanwhile. `waits`: whether it does where it must not work. */
  private async judge(waits: boolean): Promise<void> {
    const { pacing, beside, rowsPerSecond } = await this.read();
    const shared = { ...pacing, shareMax: pacing.shareMax / beside, shareMin: pacing.shareMin / beside };
    this.judgedAt = performance.now();
    this.judgement = judge(
      shared,
      (this.watches ?? []).map((watch) => watch.seen()),
    );
    this.share = nextShare(this.share, this.judgement, shared);
    const stands = waits && this.judgement.way === "stop";
    await this.say(
      stands ? `${this.judgement.why} It waits.` : sentence(this.judgement, this.share, beside, rowsPerSecond),
    );
  }

  private async read(): Promise<Wanted> {
    const { rows } = await controlPool().query<{
      pace: MovePace;
      limits: PaceLimits;
      rowsPerSecond: number | null;
      beside: number;
    }>(
      `SELECT m.pace, m.pace_limits AS limits, m.throttle_rows AS "rowsPerSecond", ${besideSql} AS beside FROM moves m WHERE m.id = $1`,
      [this.move.id],
    );
    const [row] = rows;
    if (!row) throw new Error("The move is gone.");
    const { pace, limits, rowsPerSecond, beside } = row;
    this.wanted = { pacing: pacingOf(pace, limits), rowsPerSecond, beside };
    return this.wanted;
  }

  private async say(held: string | null): Promise<void> {
    if (held === this.said || performance.now() - this.saidAt < 1_000) return;
    this.said = held;
    this.saidAt = performance.now();
    await controlPool().query("UPDATE moves SET held = $2 WHERE id = $1 AND epoch = $3", [
      this.move.id,
      held,
      this.move.epoch,
    ]);
  }
}

/** What holds the move back while it works; null where nothing does. */
function sentence({ way, why }: Judgement, share: number, beside: number, rowsPerSecond: number | null): string | null {
  const others = beside > 1 ? ` ${beside} moves share what one may take.` : "";
  const rows = rowsPerSecond === null ? "" : ` At most ${rowsPerSecond} rows a second were asked for.`;
  if (way === "free") return rows.trim() || null;
  // Rounded, so that it is not said anew with every look.
  const percent = Math.max(1, Math.round(share * 20) * 5);
  return `${why} It works ${percent} % of the time.${others}${rows}`;
}
