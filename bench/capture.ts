import pg from "pg";
import { captureStatements } from "#db/managed/capture.ts";
import { installStatements } from "#db/managed/install.ts";
import { readTables } from "#db/managed/read-tables.ts";
import type { Bench, BenchResult, BenchTable } from "./bench.ts";
import { cpuPerRow } from "./capture/cpu.ts";
import { insertRows, sourceTable } from "./capture/source.ts";
import { textbook } from "./capture/textbook.ts";

const variants = ["none", "textbook", "caretaker"] as const;

type Variant = (typeof variants)[number];

const works = ["insert", "bulk update", "single update", "no-op update", "delete"] as const;

type Work = (typeof works)[number];

type Cost = Record<Work, number>;

interface Measured {
  cpu: Cost;
  bytes: Record<"insert" | "update" | "delete", number>;
}

/** Rows of one round and how many rounds; of the rounds the median counts. */
const sizes = {
  small: { rows: 10_000, singles: 3_000, rounds: 1 },
  full: { rows: 40_000, singles: 10_000, rounds: 3 },
};

/** CPU and storage of an audited write: without audit, with the textbook's row trigger, with Caretaker's capture; one run. */
export const bench: Bench = async ({ server, size }) => {
  const { rows, singles, rounds } = sizes[size];
  const measured: Record<Variant, Measured[]> = { none: [], textbook: [], caretaker: [] };
  for (let round = 0; round < rounds; round++) {
    for (const variant of variants) measured[variant].push(await measure(server, variant, rows, singles));
  }
  return report(measured, rows);
};

async function measure(server: URL, variant: Variant, rows: number, singles: number): Promise<Measured> {
  const name = `bench_capture_${variant}`;
  const admin = new pg.Client(server.href);
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const client = new pg.Client(url.href);
  await client.connect();
  await prepare(client, variant);
  const result = await run(client, variant, rows, singles);
  await client.end();
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await admin.end();
  return result;
}

async function prepare(client: pg.Client, variant: Variant): Promise<void> {
  await client.query(sourceTable);
  for (const { sql } of installStatements({ owner: "postgres", createRoles: false })) await client.query(sql);
  if (variant === "caretaker") {
    for (const table of await readTables(client, "public")) {
      const statements = captureStatements({
        ...table,
        masked: [],
        ignored: [],
        tenant: { kind: "column", column: "tenant_id" },
      });
      for (const { sql } of statements) await client.query(sql);
    }
  }
  if (variant === "textbook") {
    await client.query(textbook);
  }
  // Both know who acts, as a well-behaved application tells them.
  await client.query(`
    SET synchronous_commit = off;
    SET app.current_user_id = '0b0f4a52-4f0c-4b6e-9c55-2f1f6f0a0001';
    SET app.current_tenant_id = '6f1b2f0e-6a0b-4f6e-9d5c-0c7a2c1f0001';
    SET app.ip_address = '203.0.113.77';
    SET app.user_agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
    SET app.request_id = '1f2e3d4c-5b6a-4798-8a9b-0c1d2e3f4a5b'`);
}

/** The same work for every variant. Each single update is a prepared statement in a transaction of its own. */
async function run(client: pg.Client, variant: Variant, rows: number, singles: number): Promise<Measured> {
  await insertRows(client, 1, 500);
  await client.query("UPDATE public.orders SET items = 1; DELETE FROM public.orders");
  await client.query("VACUUM public.orders");
  const start = await logBytes(client, variant);
  const insert = await cpuPerRow(client, rows, () => insertRows(client, 1, rows));
  await client.query("VACUUM ANALYZE public.orders");
  const inserted = await logBytes(client, variant);
  const bulk = await cpuPerRow(client, rows, async () => {
    await client.query("UPDATE public.orders SET status = 'shipped', paid = true, updated_at = clock_timestamp()");
  });
  const updated = await logBytes(client, variant);
  await client.query("VACUUM public.orders");
  const single = await cpuPerRow(client, singles, async () => {
    for (let i = 1; i <= singles; i++) {
      const values = [i % 2 === 0 ? "returned" : "delivered", i];
      await client.query({
        name: "single",
        text: "UPDATE public.orders SET status = $1, updated_at = clock_timestamp() WHERE id = $2",
        values,
      });
    }
  });
  await client.query("VACUUM public.orders");
  const noop = await cpuPerRow(client, rows, async () => {
    await client.query("UPDATE public.orders SET status = status");
  });
  const kept = await logBytes(client, variant);
  const deleted = await cpuPerRow(client, rows, async () => {
    await client.query("DELETE FROM public.orders");
  });
  const gone = await logBytes(client, variant);
  return {
    cpu: { insert, "bulk update": bulk, "single update": single, "no-op update": noop, delete: deleted },
    bytes: { insert: (inserted - start) / rows, update: (updated - inserted) / rows, delete: (gone - kept) / rows },
  };
}

/** Size of the log with its indexes and TOAST. */
async function logBytes(client: pg.Client, variant: Variant): Promise<number> {
  const schema = variant === "textbook" ? "textbook" : "caretaker";
  const { rows } = await client.query<{ bytes: string }>(
    `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::text AS bytes
       FROM pg_class c WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' AND c.relname LIKE 'audit_logs%'`,
    [schema],
  );
  return Number(rows[0]?.bytes);
}

function report(measured: Record<Variant, Measured[]>, rows: number): BenchResult {
  const cost = (variant: Variant, work: Work) => median(measured[variant].map(({ cpu }) => cpu[work]));
  const stored = (variant: Variant, kind: "insert" | "update" | "delete") =>
    median(measured[variant].map(({ bytes }) => bytes[kind]));
  const ratio = (work: Work) => round(cost("caretaker", work) / cost("textbook", work));
  // A row's life: made once, changed three times, deleted once.
  const life = (variant: Variant, updates: number) =>
    stored(variant, "insert") + updates * stored(variant, "update") + stored(variant, "delete");
  const cpuTable: BenchTable = {
    title: "CPU microseconds a row, of the backend",
    columns: ["audit", ...works],
    rows: variants.map((variant) => [variant, ...works.map((work) => round(cost(variant, work), 1))]),
  };
  const storageTable: BenchTable = {
    title: "Bytes an entry, with indexes",
    columns: ["audit", "insert", "update", "delete"],
    rows: (["textbook", "caretaker"] as const).map((variant) => [
      variant,
      ...(["insert", "update", "delete"] as const).map((kind) => Math.round(stored(variant, kind))),
    ]),
  };
  return {
    figures: {
      insert_cpu_ratio: ratio("insert"),
      bulk_update_cpu_ratio: ratio("bulk update"),
      single_update_cpu_ratio: ratio("single update"),
      noop_update_cpu_ratio: ratio("no-op update"),
      delete_cpu_ratio: ratio("delete"),
      storage_ratio: round(life("caretaker", 3) / life("textbook", 3)),
      storage_one_update_ratio: round(life("caretaker", 1) / life("textbook", 1)),
      rows_a_round: rows,
    },
    tables: [cpuTable, storageTable],
  };
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function round(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}
