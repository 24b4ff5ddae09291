import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase } from "../../testing/databases.ts";
import { sealHorizon } from "./horizon.ts";

let sealer: pg.Client;
let here: pg.Client;
let elsewhere: pg.Client;

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  return client;
}

beforeAll(async () => {
  const url = await freshDatabase();
  [sealer, here, elsewhere] = await Promise.all([connected(url), connected(url), connected(await freshDatabase())]);
});
afterAll(async () => {
  for (const client of [sealer, here, elsewhere]) await client.end();
});

/** Begins a transaction, and ends one that is newer: only then does a snapshot list it as running. */
async function begin(client: pg.Client): Promise<bigint> {
  await client.query("BEGIN");
  const { rows } = await client.query<{ xact: string }>("SELECT pg_current_xact_id()::text AS xact");
  await sealer.query("SELECT pg_current_xact_id()");
  return BigInt(rows[0]?.xact ?? "");
}

test("a transaction that is open here is waited for, one of another database is not", async () => {
  const theirs = await begin(elsewhere);
  expect((await sealHorizon(sealer)).settled).toBeGreaterThan(theirs);
  const ours = await begin(here);
  expect((await sealHorizon(sealer)).settled).toBe(ours);
  await here.query("COMMIT");
  expect((await sealHorizon(sealer)).settled).toBeGreaterThan(ours);
  await elsewhere.query("COMMIT");
});

test("one of another database that ends while it is looked at is not waited for", async () => {
  await sealer.query(`SET search_path = public, pg_catalog;
    CREATE VIEW public.pg_locks AS
      SELECT locks.* FROM (SELECT pg_advisory_xact_lock(7) OFFSET 0) AS held, pg_catalog.pg_locks AS locks`);
  await here.query("SELECT pg_advisory_lock(7)");
  const theirs = await begin(elsewhere);
  const looking = sealHorizon(sealer);
  await expect.poll(waiting).toBe(true);
  await elsewhere.query("COMMIT");
  await here.query("SELECT pg_advisory_unlock(7)");
  expect((await looking).settled).toBeGreaterThan(theirs);
});

/** Whether the sealer has its snapshot, and stands before the locks. */
async function waiting(): Promise<boolean> {
  const { rows } = await here.query(
    "SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
  );
  return rows.length > 0;
}
