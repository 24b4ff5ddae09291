import { setTimeout as pause } from "node:timers/promises";

/** Batches become as large as fits into this time, so that whoever waits for one of their rows waits no longer. */
const lockedMs = 50;
const rowsMax = 5_000;

/** Sizes batches by how long the ones before had their rows locked, and rests as long as each did. */
export class Pace {
  rows = 200;

  async rest(took: number, rows: number, signal?: AbortSignal): Promise<void> {
    const fits = Math.round((rows * lockedMs) / Math.max(took, 1));
    if (rows >= this.rows || fits < this.rows) {
      this.rows = Math.min(rowsMax, Math.max(1, Math.round((this.rows + fits) / 2)));
    }
    await pause(Math.min(took, 1_000), undefined, { signal });
  }

  /** A batch was given up: the next one is a quarter of it. */
  shrink(): void {
    this.rows = Math.max(1, Math.floor(this.rows / 4));
  }
}
