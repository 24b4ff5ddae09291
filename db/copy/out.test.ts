import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase } from "../testing/databases.ts";
import { CopyOut } from "./out.ts";

let url: string;
let client: pg.Client;
const never = new AbortController().signal;

beforeAll(async () => {
  url = await freshDatabase();
  client = await connected();
});

afterAll(() => client.end());

async function connected(): Promise<pg.Client> {
  const one = new pg.Client(url);
  one.on("error", () => undefined);
  await one.connect();
  return one;
}

/** Rows of every length from nothing to 3 MB: they begin and end anywhere in what the network brings. */
const rows = `SELECT repeat('ü' || n, CASE WHEN n % 5000 = 0 THEN 400000 ELSE n % 300 END) AS line FROM generate_series(1, 10000) AS n`;

async function md5Of(copy: CopyOut, wait = 0): Promise<string> {
  const hash = createHash("md5");
  for await (const block of copy) {
    await pause(wait);
    hash.update(block);
  }
  return hash.digest("hex");
}

test("a copy is byte for byte what PostgreSQL prints, whether it is read fast or slowly, and the connection goes on", async () => {
  const said = await client.query<{ md5: string }>(
    `SELECT md5(string_agg(line || E'\\n', '' ORDER BY n)) FROM (SELECT row_number() OVER () AS n, line FROM (${rows}) AS row) AS row`,
  );
  for (const wait of [0, 5]) {
    const copy = client.query(new CopyOut(`COPY (${rows}) TO STDOUT`, never));
    const after = client.query<{ one: number }>("SELECT 1 AS one");
    expect(await md5Of(copy, wait)).toBe(said.rows[0]?.md5);
    expect(copy.rows).toBe(10_000);
    expect((await after).rows).toEqual([{ one: 1 }]);
  }
});

test("a copy of nothing has no block", async () => {
  const copy = client.query(new CopyOut("COPY (SELECT WHERE false) TO STDOUT", never));
  for await (const block of copy) expect(block).toBeNull();
  expect(copy.rows).toBe(0);
});

test("a copy that PostgreSQL gives up fails with its reason, at the start or in the middle, and the connection goes on", async () => {
  for (const sql of ["nowhere", "(SELECT 1 / (50000 - n) FROM generate_series(1, 100000) AS n)"]) {
    const copy = client.query(new CopyOut(`COPY ${sql} TO STDOUT`, never));
    await expect(md5Of(copy)).rejects.toMatchObject({ code: sql === "nowhere" ? "42P01" : "22012" });
    expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  }
});

test("a copy ends when its connection is lost and when it is cancelled", async () => {
  const endless = "COPY (SELECT n FROM generate_series(1, 1e12) AS n) TO STDOUT";
  const lost = await connected();
  const { rows: own } = await lost.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const reading = md5Of(lost.query(new CopyOut(endless, never)));
  await Promise.all([
    expect(reading).rejects.toThrow(/terminat/),
    client.query("SELECT pg_terminate_backend($1)", [own[0]?.pid]),
  ]);
  const cancel = new AbortController();
  const cancelled = await connected();
  const until = md5Of(cancelled.query(new CopyOut(endless, cancel.signal)));
  await pause(20);
  cancel.abort(new Error("enough"));
  await expect(until).rejects.toThrow("enough");
  await cancelled.end();
});
