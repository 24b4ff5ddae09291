import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { createStream as streamInput } from "./contract.ts";
import { listStreams } from "./list.ts";
import { createStream, removeStream } from "./manage.ts";
import { pumpOnce } from "./pump.ts";

const signal = new AbortController().signal;
const mebibyte = 2 ** 20;
let app: Adopted;
let admin: Person;

/** A receiver on this machine that takes so many bytes at once and no more. */
let bytesMax = Number.POSITIVE_INFINITY;
const taken: { bytes: number; records: string[] }[] = [];
const receiver = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray());
  if (body.length > bytesMax) return response.writeHead(413).end();
  const lines = body.toString().trimEnd().split("\n");
  taken.push({ bytes: body.length, records: lines.map((line) => JSON.parse(line).resource_id) });
  return response.writeHead(204).end();
});

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  app = await adoptedDatabase("CREATE TABLE t (id int PRIMARY KEY, v text)");
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
});

beforeEach(async () => {
  for (const { id } of await listStreams(admin.actor)) await removeStream(admin.actor, { id });
  await app.client.query("DELETE FROM t");
  const address = receiver.address();
  const port = address && typeof address === "object" ? address.port : 0;
  const input = { kind: "webhook", name: "SIEM", url: `http://127.0.0.1:${port}/in`, format: "ndjson", from: "now" };
  await createStream(admin.actor, streamInput.parse({ ...input, query: `database=${app.id}` }));
  taken.length = 0;
});

afterAll(async () => {
  receiver.close();
  await app.client.end();
  await closeFleet();
  await closeControl();
});

const insert = (from: number, to: number, bytes: number) =>
  app.client.query(
    "INSERT INTO t SELECT n, repeat(md5(n::text), $3::int / 32) FROM generate_series($1::int, $2::int) n",
    [from, to, bytes],
  );

test("a stream's batch is cut by its bytes, and nothing is left out or sent twice", async () => {
  await insert(1, 20, mebibyte / 2);
  expect(await pumpOnce(signal)).toBe(20);
  expect(taken.flatMap(({ records }) => records)).toEqual(Array.from({ length: 20 }, (_, at) => String(at + 1)));
  expect(Math.max(...taken.map(({ bytes }) => bytes))).toBeLessThan(4.1 * mebibyte);
});

test("a receiver that finds a batch too large gets half of it at once, and so on", async () => {
  bytesMax = 20_000;
  await insert(101, 140, 4_096);
  expect(await pumpOnce(signal)).toBe(40);
  expect(taken.flatMap(({ records }) => records)).toEqual(Array.from({ length: 40 }, (_, at) => String(at + 101)));
  bytesMax = Number.POSITIVE_INFINITY;
});
