import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet, consoleDatabase, withDatabase } from "../fleet.ts";
import { staffActor, systemActor } from "../mint.ts";
import { freshControl, freshDatabase } from "../testing/databases.ts";
import { registerDatabase } from "../testing/register.ts";
import type { Finding, HealthCheck } from "./check.ts";
import { connectionsCheck } from "./connections.ts";
import type { Check } from "./contract.ts";
import { readFacts } from "./facts.ts";
import { readFleetHealth } from "./read.ts";
import { idleInTransactionCheck } from "./running.ts";
import { sampleDatabase } from "./sample.ts";

const worker = systemActor("test worker");
const support = staffActor({ staffId: "4d0a7c3e-30ad-4c5e-9f6a-1f7a2b3c4d5e", name: "Support", role: "support" });

let url: string;
let database: string;
let client: pg.Client;

beforeAll(async () => {
  await freshControl();
  url = await freshDatabase();
  database = await registerDatabase(url);
  client = new pg.Client(url);
  await client.connect();
  await client.query(`
    CREATE TABLE customers (id bigint PRIMARY KEY);
    CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers, code text, note text);
    CREATE INDEX orders_code_idx ON orders (code);
    CREATE INDEX orders_customer_idx ON orders (customer_id);
    CREATE UNIQUE INDEX orders_note_key ON orders (note);
    INSERT INTO customers SELECT generate_series(1, 100);
    INSERT INTO orders SELECT n, n % 100 + 1, 'code ' || n, 'note ' || n FROM generate_series(1, 20000) AS n;
    ANALYZE`);
});

afterAll(async () => {
  await client.end();
  await closeFleet();
  await closeControl();
});

async function check(id: string, databaseId = database): Promise<Check> {
  const health = await readFleetHealth(support, { database: databaseId });
  const found = health.databases[0]?.checks.find((one) => one.id === id);
  if (!found) throw new Error(`No check ${id}: ${JSON.stringify(health.silent)}`);
  return found;
}

function run(wanted: HealthCheck): Promise<Finding> {
  return withDatabase(database, async (reader) => wanted.run(reader, await readFacts(reader, database)));
}

test("an index without scans is unknown until it was watched for 30 days, then a warning", async () => {
  expect(await check("unused-indexes")).toMatchObject({ verdict: "unknown", value: 1 });
  await sampleDatabase(worker, database);
  expect(await check("unused-indexes")).toMatchObject({ verdict: "unknown" });
  await controlPool().query("UPDATE watched_indexes SET first_seen_at = now() - interval '31 days'");
  const unused = await check("unused-indexes");
  expect(unused).toMatchObject({ verdict: "warning", value: 1 });
  // Neither the primary keys, nor the unique index, nor the one under the foreign key.
  expect(unused.evidence?.rows.map((row) => row[0])).toEqual(["orders_code_idx"]);
});

test("a scan begins the watch anew", async () => {
  await client.query("SET enable_seqscan = off");
  await client.query("SELECT id FROM orders WHERE code = 'code 7'");
  await client.query("SELECT pg_stat_force_next_flush()");
  await client.query("SELECT 1");
  expect((await check("unused-indexes")).verdict).not.toBe("warning");
  await sampleDatabase(worker, database);
  const { rows } = await controlPool().query<{ used: boolean }>(
    "SELECT last_used_at > now() - interval '1 minute' AS used FROM watched_indexes WHERE scans = 1",
  );
  expect(rows).toContainEqual({ used: true });
});

test("a session idle in a transaction is a warning, then critical, and named with its last query", async () => {
  await client.query("BEGIN");
  await client.query("SELECT 'left open'");
  await new Promise((resolve) => setTimeout(resolve, 50));
  const found = await Promise.all([run(idleInTransactionCheck(0.01, 60)), run(idleInTransactionCheck(0.001, 0.01))]);
  const patient = await check("idle-in-transaction");
  await client.query("ROLLBACK");
  expect(found.map(({ verdict }) => verdict)).toEqual(["warning", "critical"]);
  expect(found[0]?.evidence?.rows[0]?.[4]).toContain("left open");
  expect(patient.verdict).toBe("good");
});

test("connections near the limit are a warning, then critical", async () => {
  const used = (await check("connections")).value ?? 0;
  expect(used).toBeGreaterThan(0);
  const { rows } = await client.query<{ open: number }>(
    "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS open",
  );
  const found = await Promise.all([run(connectionsCheck(0.001, 2)), run(connectionsCheck(0.0005, 0.001))]);
  expect(found.map(({ verdict }) => verdict)).toEqual(["warning", "critical"]);
  expect(found[0]?.finding).toContain(`of ${rows[0]?.open} connections`);
});

test("a wait for a lock is named with who holds it", async () => {
  const holder = new pg.Client(url);
  await holder.connect();
  await holder.query("BEGIN");
  await holder.query("LOCK TABLE orders");
  const waiting = client.query("SELECT count(*) FROM orders");
  await new Promise((resolve) => setTimeout(resolve, 200));
  const found = await check("blocking");
  await holder.query("ROLLBACK");
  await holder.end();
  await waiting;
  expect(found.value).toBeGreaterThan(0.1);
  expect(found.evidence?.rows[0]?.[5]).toContain("LOCK TABLE orders");
});

test("without a sample to compare with, a cache ratio is unknown and never good", async () => {
  await controlPool().query("DELETE FROM health_samples");
  expect(await check("table-cache")).toMatchObject({ verdict: "unknown", value: null });
});

test("a cache ratio is a rate between two samples, and unknown after a reset in between", async () => {
  await sampleDatabase(worker, database);
  await controlPool().query(
    `UPDATE health_samples
        SET sampled_at = now() - interval '10 minutes',
            readings = readings || '{"heapHit": "0", "heapRead": "0"}'
      WHERE database_id = $1`,
    [database],
  );
  await client.query("SELECT count(*) FROM orders a, generate_series(1, 200) AS again (n)");
  for (let turn = 0; turn < 100; turn += 1) await client.query("SELECT sum(length(note)) FROM orders");
  await client.query("SELECT pg_stat_force_next_flush()");
  await client.query("SELECT 1");
  expect(await check("table-cache")).toMatchObject({ verdict: "good", unit: "ratio" });
  await controlPool().query(`UPDATE health_samples SET readings = readings || '{"heapHit": "99999999999999"}'`);
  const reset = await check("table-cache");
  expect(reset).toMatchObject({ verdict: "unknown" });
  expect(reset.finding).toContain("reset");
});

test("a role that may not see other sessions gets unknown with the grant that helps, not good", async () => {
  const role = `health_${randomBytes(6).toString("hex")}`;
  const blind = new URL(url);
  await client.query(`CREATE ROLE ${role} LOGIN PASSWORD ${client.escapeLiteral(decodeURIComponent(blind.password))}`);
  blind.username = role;
  const databaseId = await registerDatabase(blind.href);
  for (const id of ["connections", "longest-query", "longest-transaction", "idle-in-transaction", "blocking"]) {
    const found = await check(id, databaseId);
    expect(found).toMatchObject({ id, verdict: "unknown", value: null });
    expect(found.fix).toContain("pg_read_all_stats");
  }
  await controlPool().query("UPDATE databases SET released_at = now() WHERE id = $1", [databaseId]);
});

test("a database that is away is named and hides no other", async () => {
  const away = new URL(url);
  away.port = "1";
  const databaseId = await registerDatabase(away.href);
  const health = await readFleetHealth(support);
  expect(health.silent.map((one) => one.databaseId)).toEqual([databaseId]);
  expect(health.databases.map((one) => one.databaseId)).toEqual([database, consoleDatabase]);
});

test("every check shows its SQL and threshold, and asks nothing of an actor without the capability", async () => {
  const health = await readFleetHealth(support, { database });
  for (const found of health.databases[0]?.checks ?? []) {
    expect(found.sql).toMatch(/SELECT/);
    expect(found.threshold.length).toBeGreaterThan(0);
    expect(Date.parse(found.asOf)).not.toBeNaN();
    expect(found.finding).not.toContain("could not be read");
  }
  const narrow = staffActor({ staffId: "4d0a7c3e-30ad-4c5e-9f6a-1f7a2b3c4d5e", name: "T", role: "support", only: [] });
  await expect(readFleetHealth(narrow)).rejects.toMatchObject({ code: "forbidden" });
});

test("a check that fails is unknown by itself, and those after it are still made", async () => {
  const holder = new pg.Client(url);
  await holder.connect();
  await holder.query("BEGIN");
  await holder.query("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
  const health = await readFleetHealth(support, { database });
  await holder.query("ROLLBACK");
  await holder.end();
  const verdicts = new Map(health.databases[0]?.checks.map((one) => [one.id, one]));
  expect(verdicts.get("unused-indexes")).toMatchObject({ verdict: "unknown" });
  expect(verdicts.get("unused-indexes")?.finding).toContain("could not be read");
  expect(verdicts.get("connections")?.verdict).toBe("good");
  expect(health.databases[0]?.checks).toHaveLength(18);
});
