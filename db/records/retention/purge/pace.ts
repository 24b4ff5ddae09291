import { setTimeout as pause } from "node:timers/promises";

/** Batches become as large as fits into this time, so that whoever waits for a row waits no longer. */
const batchMs = 40;
const rowsMin = 20;
const rowsMax = 2_000;

/** Sizes batches by how long the ones before took, and rests as long as each took: half of the time is the application's. */
export class Pace {
  rows = 200;

  async after(startedAt: number, rows: number, signal?: AbortSignal): Promise<void> {
    const took = performance.now() - startedAt;
    if (rows === this.rows || took > batchMs) {
      const fits = Math.round((rows * batchMs) / Math.max(took, 1));
      this.rows = Math.min(rowsMax, Math.max(rowsMin, Math.round((this.rows + fits) / 2)));
    }
    await pause(Math.min(took, 1_000), undefined, { signal });
  }
}
