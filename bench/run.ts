import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { startCluster } from "#db/local/cluster.ts";
import type { Bench, BenchResult, BenchTable, Size } from "./bench.ts";

const folder = import.meta.dirname;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { size: { type: "string", default: "full" } },
});
const [name = ""] = positionals;
const size = values.size;
if (
  !/^[a-z-]+$/.test(name) ||
  ["run", "bench"].includes(name) ||
  !existsSync(join(folder, `${name}.ts`)) ||
  !isSize(size)
) {
  console.error("Usage: npm run bench -- NAME [--size small|full]. A bench is a file bench/NAME.ts.");
  process.exit(2);
}

const { bench }: { bench: Bench } = await import(`./${name}.ts`);
const { url, stop } = await throwawayServer();
try {
  const result = await bench({ server: new URL(url), size });
  const facts = {
    bench: name,
    size,
    cores: availableParallelism(),
    postgresql: await version(url),
    measured_at: new Date().toISOString(),
  };
  for (const table of result.tables) print(table);
  print({ title: "Figures", columns: ["figure", "value"], rows: Object.entries({ ...result.figures, ...facts }) });
  await save(result, facts);
} finally {
  await stop();
}

function isSize(text: string): text is Size {
  return text === "small" || text === "full";
}

/** The server that the tests were given, else a cluster of our own that goes when the bench ends. */
async function throwawayServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const given = process.env.CARETAKER_TEST_SERVER;
  if (given) return { url: given, stop: async () => {} };
  const dataDir = await mkdtemp(join(tmpdir(), "caretaker-bench-"));
  const cluster = await startCluster({ dataDir, durable: false });
  return {
    url: cluster.url,
    stop: async () => {
      await cluster.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function version(url: string): Promise<string> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
  await client.end();
  return rows[0]?.server_version ?? "unknown";
}

function print({ title, columns, rows }: BenchTable): void {
  const lines = [columns, ...rows.map((row) => row.map(String))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  console.log(`\n${title}`);
  for (const line of lines)
    console.log(
      `  ${line.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  ")}`,
    );
}

/** One flat object, so that runs can be compared by any tool; the tables go in as rows. */
async function save(result: BenchResult, facts: Record<string, string | number>): Promise<void> {
  await mkdir(join(folder, "results"), { recursive: true });
  const file = join(folder, "results", `${name}.json`);
  await writeFile(
    file,
    `${JSON.stringify({ ...facts, ...result.figures, rows: result.tables.flatMap(asObjects) }, null, 2)}\n`,
  );
  console.log(`\nWritten to bench/results/${name}.json`);
}

function asObjects({ title, columns, rows }: BenchTable): Record<string, string | number>[] {
  return rows.map((row) => ({
    table: title,
    ...Object.fromEntries(columns.map((column, at) => [column, row[at] ?? ""])),
  }));
}
