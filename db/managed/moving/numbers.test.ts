import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase } from "../../testing/databases.ts";
import { leaveOut } from "./numbers.ts";

const portion = { of: 1_000n, most: 1_000n };
const max = 2_147_483_647n;
let one: pg.Client;
let two: pg.Client;

beforeAll(async () => {
  const url = await freshDatabase();
  [one, two] = [new pg.Client(url), new pg.Client(url)];
  await Promise.all([one.connect(), two.connect()]);
  await one.query("CREATE SEQUENCE shared; CREATE SEQUENCE one; CREATE SEQUENCE two");
});

afterAll(async () => {
  await Promise.all([one.end(), two.end()]);
});

/** Sets ids aside for the tenant that draws from `receiving`. */
async function leaveOutFor(client: pg.Client, receiving: string): Promise<void> {
  const handover = { giving: "shared", givingSchema: "public", receiving, receivingSchema: "public", max };
  await leaveOut(client, client, handover, portion);
}

test("tenants for which ids are set aside at once get ids of their own, and the shared sequence goes on behind them", async () => {
  const begins: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    await Promise.all([leaveOutFor(one, "one"), leaveOutFor(two, "two")]);
    const { rows } = await one.query<{ drawn: number[]; shared: number }>(
      "SELECT ARRAY[nextval('one'), nextval('two')]::int[] AS drawn, nextval('shared')::int AS shared",
    );
    const { drawn = [], shared = 0 } = rows[0] ?? {};
    begins.push(...drawn);
    expect(shared).toBeGreaterThan(Math.max(...begins));
  }
  const sorted = begins.toSorted((a, b) => a - b);
  const apart = sorted.slice(1).map((begin, at) => begin - (sorted[at] ?? 0));
  expect(Math.min(...apart)).toBeGreaterThanOrEqual(1_000);
});
