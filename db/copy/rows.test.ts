import pg from "pg";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { freshDatabase } from "../testing/databases.ts";
import { readCopy } from "./rows.ts";

let url: string;
let client: pg.Client;

beforeAll(async () => {
  url = await freshDatabase();
});

beforeEach(async () => {
  client = new pg.Client(url);
  client.on("error", () => {}); // a connection that is ended on purpose
  await client.connect();
  return () => client.end();
});

const never = new AbortController().signal;

async function rowsOf(sql: string, pause: () => Promise<void> | null = () => null): Promise<string[]> {
  const rows: string[] = [];
  const take = ({ bytes, from, to }: { bytes: Buffer; from: number; to: number }) => {
    rows.push(bytes.toString("utf8", from, to));
  };
  await readCopy(client, `COPY (${sql}) TO STDOUT`, never, { take, pause });
  return rows;
}

test("every row comes once and whole, whatever its size, and the connection serves on", async () => {
  const many = await rowsOf("SELECT n, repeat('é', n % 5) FROM generate_series(1, 50000) n");
  expect(many).toHaveLength(50_000);
  expect(many[49_999]).toBe("50000\t");
  expect(many[1]).toBe("2\téé");
  const large = await rowsOf("SELECT n, repeat('x', n) FROM unnest(ARRAY[0, 65530, 3000000, 1]) n");
  expect(large.map((row) => row.length)).toEqual([2, 65_536, 3_000_008, 3]);
  expect(await rowsOf("SELECT 1 WHERE false")).toEqual([]);
  expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
});

test("nothing more is read while what came in is put away", async () => {
  let resting = false;
  const pause = () => {
    expect(resting).toBe(false);
    resting = true;
    return new Promise<void>((resolve) =>
      setTimeout(() => {
        resting = false;
        resolve();
      }, 2),
    );
  };
  expect(await rowsOf("SELECT n, repeat('x', 200) FROM generate_series(1, 5000) n", pause)).toHaveLength(5_000);
});

test("notices between the rows are none of them", async () => {
  await client.query(`CREATE FUNCTION told(n integer) RETURNS integer LANGUAGE plpgsql AS
    $$ BEGIN RAISE WARNING 'row %', n; RETURN n; END $$`);
  expect(await rowsOf("SELECT told(n) FROM generate_series(1, 20) n")).toHaveLength(20);
});

test("an error before or between the rows is thrown, and the connection serves on", async () => {
  await expect(rowsOf("SELECT * FROM nowhere")).rejects.toMatchObject({ code: "42P01" });
  await expect(rowsOf("SELECT 1 / (3000 - n) FROM generate_series(1, 5000) n")).rejects.toMatchObject({
    code: "22012",
  });
  expect(await rowsOf("SELECT 7")).toEqual(["7"]);
});

test("what the reader throws, an abort and a lost connection end the reading", async () => {
  const broken = () => Promise.reject(new Error("put away nowhere"));
  await expect(rowsOf("SELECT generate_series(1, 100000)", broken)).rejects.toThrow("put away nowhere");
  const fresh = new pg.Client(url);
  fresh.on("error", () => {});
  await fresh.connect();
  const stop = new AbortController();
  const take = () => stop.abort(new Error("enough"));
  const sql = "COPY (SELECT generate_series(1, 100000)) TO STDOUT";
  await expect(readCopy(fresh, sql, stop.signal, { take, pause: () => null })).rejects.toThrow("enough");
  await fresh.end();
  const lost = rowsOf("SELECT pg_sleep(10)");
  setTimeout(() => void client.end(), 50);
  await expect(lost).rejects.toThrow(/Connection terminated/);
});
