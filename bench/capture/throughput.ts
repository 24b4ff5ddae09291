import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { removeCluster, startCluster } from "#db/local/cluster.ts";
import type { BenchResult } from "../bench.ts";
import { insertRows } from "./source.ts";
import { context, makeSubject, type Subject, type Variant, variants } from "./subject.ts";

const clients = 16;
const rows = 20_000;

/**
 * Commits a second of 16 clients that each update one row at a time, on a server of its own that really writes every commit to the
 * disk. The variants take turns; the median of the rounds counts.
 */
export async function throughput(rounds: number, seconds: number): Promise<BenchResult> {
  const dataDir = await mkdtemp(join(tmpdir(), "caretaker-bench-"));
  const cluster = await startCluster({ dataDir, durable: true });
  const measured: Record<Variant, number[]> = { none: [], textbook: [], caretaker: [] };
  try {
    const subjects: Subject[] = [];
    for (const variant of variants) subjects.push(await makeSubject(new URL(cluster.url), variant));
    for (const { client } of subjects) await insertRows(client, 1, rows);
    for (let round = 0; round < rounds; round++) {
      for (const { variant, url } of subjects) measured[variant].push(await commitsPerSecond(url, seconds));
    }
    for (const subject of subjects) await subject.drop();
  } finally {
    await cluster.stop();
    await removeCluster(dataDir);
  }
  return report(measured);
}

async function commitsPerSecond(url: string, seconds: number): Promise<number> {
  const all = Array.from({ length: clients }, () => new pg.Client(url));
  await Promise.all(all.map((client) => client.connect()));
  await Promise.all(all.map((client) => client.query(context)));
  // A connection's first audited update takes milliseconds, in which PostgreSQL reads its catalog and plans. Applications keep theirs.
  await Promise.all(all.map((client, at) => updateTimes(client, at, 10)));
  const ends = performance.now() + seconds * 1000;
  const counts = await Promise.all(all.map((client, at) => updateUntil(client, at, ends)));
  await Promise.all(all.map((client) => client.end()));
  return counts.reduce((sum, count) => sum + count, 0) / seconds;
}

async function updateTimes(client: pg.Client, at: number, times: number): Promise<void> {
  for (let count = 0; count < times; count++) await update(client, at, count, "warmed");
}

async function updateUntil(client: pg.Client, at: number, ends: number): Promise<number> {
  let count = 0;
  for (; performance.now() < ends; count++) await update(client, at, count, "changed");
  return count;
}

/** Clients never meet at a row: what is measured is the capture, not the locks. */
async function update(client: pg.Client, at: number, count: number, status: string): Promise<void> {
  const text = "UPDATE public.orders SET status = $1, updated_at = clock_timestamp() WHERE id = $2";
  const id = ((count * clients + at) % rows) + 1;
  await client.query({ name: "single", text, values: [`${status} ${count}`, id] });
}

function report(measured: Record<Variant, number[]>): BenchResult {
  const rate = (variant: Variant) => median(measured[variant]);
  const ratio = (variant: Variant) => Number((rate(variant) / rate("none")).toFixed(3));
  return {
    figures: { throughput_16_ratio: ratio("caretaker"), throughput_16_textbook_ratio: ratio("textbook") },
    tables: [
      {
        title: "Commits a second, 16 clients",
        columns: ["audit", "commits"],
        rows: variants.map((variant) => [variant, Math.round(rate(variant))]),
      },
    ],
  };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
