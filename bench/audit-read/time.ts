import type { BenchTable } from "../bench.ts";

/** One question of a kind. */
export interface Ask {
  kind: string;
  run: () => Promise<unknown>;
}

/** The median of three runs of every ask, gathered by kind: what varies is the question, not what else the machine does. */
export async function timeKinds(title: string, asks: readonly Ask[]): Promise<{ table: BenchTable; worst: number }> {
  const rows: (string | number)[][] = [];
  let worst = 0;
  for (const [kind, of] of Map.groupBy(asks, (ask) => ask.kind)) {
    const times: number[] = [];
    for (const { run } of of) times.push(await typical(run));
    const p95 = quantile(times, 0.95);
    worst = Math.max(worst, p95);
    rows.push([kind, times.length, round(quantile(times, 0.5)), round(p95), round(Math.max(...times))]);
  }
  return {
    worst: round(worst),
    table: { title, columns: ["question", "asked", "median ms", "p95 ms", "max ms"], rows },
  };
}

async function typical(run: () => Promise<unknown>): Promise<number> {
  const tries: number[] = [];
  for (let n = 0; n < 3; n++) tries.push(await timed(run));
  return quantile(tries, 0.5);
}

/** In milliseconds. */
export async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

export function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
