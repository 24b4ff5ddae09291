import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase } from "../testing/databases.ts";
import { copyBlocks } from "./blocks.ts";

let client: pg.Client;
const never = new AbortController().signal;

beforeAll(async () => {
  client = new pg.Client(await freshDatabase());
  await client.connect();
});

afterAll(() => client.end());

/** Rows of every length from nothing to 3 MB: they begin and end anywhere in what the network brings. */
const rows = `SELECT repeat('ü' || n, CASE WHEN n % 5000 = 0 THEN 400000 ELSE n % 300 END) AS line FROM generate_series(1, 10000) AS n`;

test("the blocks are byte for byte what PostgreSQL prints, whether they are taken fast or slowly", async () => {
  const said = await client.query<{ md5: string }>(
    `SELECT md5(string_agg(line || E'\\n', '' ORDER BY n)) FROM (SELECT row_number() OVER () AS n, line FROM (${rows}) AS row) AS row`,
  );
  for (const wait of [0, 5]) {
    const hash = createHash("md5");
    const write = async (block: Buffer) => {
      await pause(wait);
      hash.update(block);
    };
    expect(await copyBlocks(client, `COPY (${rows}) TO STDOUT`, never, write)).toBe(10_000);
    expect(hash.digest("hex")).toBe(said.rows[0]?.md5);
  }
});

test("the first block comes with the first rows, and of nothing there is none", async () => {
  const sizes: number[] = [];
  const write = async (block: Buffer) => void sizes.push(block.length);
  expect(await copyBlocks(client, "COPY (SELECT WHERE false) TO STDOUT", never, write)).toBe(0);
  expect(sizes).toEqual([]);
  await copyBlocks(client, "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 5000)) TO STDOUT", never, write);
  expect(sizes[0]).toBeLessThan(200_000);
  expect(sizes.slice(1, -1).every((size) => size >= 256 << 10)).toBe(true);
});

test("what the writer throws ends the copy", async () => {
  const broken = () => Promise.reject(new Error("no space left"));
  await expect(copyBlocks(client, `COPY (${rows}) TO STDOUT`, never, broken)).rejects.toThrow("no space left");
});
