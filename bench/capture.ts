import type { Bench, BenchResult, BenchTable } from "./bench.ts";
import { cpuPerRow } from "./capture/cpu.ts";
import { insertRows } from "./capture/source.ts";
import { makeSubject, type Subject, type Variant, variants } from "./capture/subject.ts";
import { throughput } from "./capture/throughput.ts";

const works = ["insert", "bulk update", "single update", "update alone", "indexing", "no-op update", "delete"] as const;

type Work = (typeof works)[number];

/** One round: CPU microseconds a row of each work, and bytes of an entry where the work leaves one a row. */
interface Round {
  cpu: Record<Work, number>;
  bytes: Partial<Record<Work, number>>;
}

const sizes = {
  small: { rows: 4_000, singles: 1_000, rounds: 3, seconds: 1 },
  full: { rows: 20_000, singles: 4_000, rounds: 7, seconds: 6 },
};

/**
 * CPU and storage of audited writes: without audit, with the textbook's row trigger, with Caretaker's capture. The three take
 * turns within every round, so that whatever else the machine does falls on all of them. Of CPU the quietest round counts: memory
 * that the machine must find first, and others' work, can only make a round dearer, and at times trebles most of them. Of bytes the
 * median counts.
 */
export const bench: Bench = async ({ server, size }) => {
  const { rows, singles, rounds, seconds } = sizes[size];
  const subjects: Subject[] = [];
  for (const variant of variants) subjects.push(await makeSubject(server, variant));
  const measured: Record<Variant, Round[]> = { none: [], textbook: [], caretaker: [] };
  for (const subject of subjects) await measure(subject, 500, 50); // warms up plans and caches
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) measured[subject.variant].push(await measure(subject, rows, singles));
  }
  for (const subject of subjects) await subject.drop();
  const { figures, tables } = report(measured, rows);
  const concurrent = await throughput(rounds, seconds);
  return { figures: { ...figures, ...concurrent.figures }, tables: [...tables, ...concurrent.tables] };
};

/**
 * The same work for every variant. "single update": statements of one row each, many in a transaction, without the protocol's cost;
 * "update alone": the same from a client, each a prepared statement and a transaction of its own; "indexing": what a worker does
 * afterwards, on a connection of its own, with each entry that these two left staged.
 */
async function measure({ variant, client, logBytes }: Subject, rows: number, singles: number): Promise<Round> {
  const round: Round = {
    cpu: {
      insert: 0,
      "bulk update": 0,
      "single update": 0,
      "update alone": 0,
      indexing: 0,
      "no-op update": 0,
      delete: 0,
    },
    bytes: {},
  };
  const step = async (work: Work, count: number, run: () => Promise<void>) => {
    const before = await logBytes();
    round.cpu[work] = await cpuPerRow(client, count, run);
    round.bytes[work] = ((await logBytes()) - before) / count;
    await client.query("VACUUM public.orders");
  };
  await step("insert", rows, () => insertRows(client, 1, rows));
  await client.query("ANALYZE public.orders");
  await step("bulk update", rows, async () => {
    await client.query("UPDATE public.orders SET status = 'shipped', paid = true, updated_at = clock_timestamp()");
  });
  await step("single update", singles, async () => {
    await client.query(`DO $$ BEGIN FOR i IN 1..${singles} LOOP
      UPDATE public.orders SET status = 'returned ' || i, updated_at = clock_timestamp() WHERE id = i;
    END LOOP; END $$`);
  });
  await step("update alone", singles, async () => {
    const text = "UPDATE public.orders SET status = $1, updated_at = clock_timestamp() WHERE id = $2";
    for (let id = 1; id <= singles; id++) await client.query({ name: "single", text, values: [`again ${id}`, id] });
  });
  if (variant === "caretaker") {
    await step("indexing", 2 * singles, async () => {
      await client.query("SELECT caretaker.index_staged($1)", [2 * singles]);
    });
    await client.query("VACUUM caretaker.audit_logs_staged");
  }
  await step("no-op update", rows, async () => {
    await client.query("UPDATE public.orders SET status = status");
  });
  await step("delete", rows, async () => {
    await client.query("DELETE FROM public.orders");
  });
  return round;
}

function report(measured: Record<Variant, Round[]>, rows: number): BenchResult {
  const cost = (variant: Variant, ...of: Work[]) =>
    Math.min(...measured[variant].map(({ cpu }) => of.reduce((sum, work) => sum + cpu[work], 0)));
  const stored = (variant: Variant, work: Work) => median(measured[variant].map(({ bytes }) => bytes[work] ?? 0));
  const ratio = (...of: [Work, ...Work[]]) => round(cost("caretaker", ...of) / cost("textbook", of[0]));
  const life = (variant: Variant, updates: number) =>
    stored(variant, "insert") + updates * stored(variant, "bulk update") + stored(variant, "delete");
  const cpuTable: BenchTable = {
    title: "CPU microseconds a row, of the backend",
    columns: ["audit", ...works],
    rows: variants.map((variant) => [variant, ...works.map((work) => round(cost(variant, work), 1))]),
  };
  const kinds = ["insert", "bulk update", "delete"] as const;
  const storageTable: BenchTable = {
    title: "Bytes an entry, with indexes",
    columns: ["audit", ...kinds],
    rows: (["textbook", "caretaker"] as const).map((variant) => [
      variant,
      ...kinds.map((kind) => Math.round(stored(variant, kind))),
    ]),
  };
  return {
    figures: {
      insert_cpu_ratio: ratio("insert"),
      bulk_update_cpu_ratio: ratio("bulk update"),
      single_update_cpu_ratio: ratio("single update"),
      update_alone_cpu_ratio: ratio("update alone"),
      single_update_and_indexing_cpu_ratio: ratio("single update", "indexing"),
      noop_update_cpu_ratio: ratio("no-op update"),
      delete_cpu_ratio: ratio("delete"),
      // An update is where the textbook stores old + new + changes; inserts and deletes have one state in either log.
      storage_ratio: round(stored("caretaker", "bulk update") / stored("textbook", "bulk update")),
      storage_of_one_insert_three_updates_one_delete_ratio: round(life("caretaker", 3) / life("textbook", 3)),
      rows_a_round: rows,
      rounds: measured.caretaker.length,
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
