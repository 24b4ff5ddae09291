import { once } from "node:events";
import { createServer } from "node:http";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { passing } from "../../jobs/passing.ts";
import { systemActor } from "../../mint.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { createStream as streamInput } from "./contract.ts";
import { createStream } from "./manage.ts";
import { pumpOnce, streamEntries } from "./pump.ts";

let both: Adopted[];
let admin: Person;

/** Answers nobody before both databases have sent something. */
const arrived = new Set<string>();
const complete = Promise.withResolvers<void>();
const receiver = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString();
  arrived.add(JSON.parse(body.split("\n")[0] ?? "").database_id);
  if (arrived.size === 2) complete.resolve();
  await complete.promise;
  response.writeHead(204).end();
});

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  both = [
    await adoptedDatabase("CREATE TABLE t (id int PRIMARY KEY)"),
    await adoptedDatabase("CREATE TABLE t (id int PRIMARY KEY)"),
  ];
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
});

afterAll(async () => {
  complete.resolve();
  receiver.close();
  for (const { client } of both) await client.end();
  await closeFleet();
  await closeControl();
});

test("a database whose entries are slow to deliver holds up no other of its stream", async () => {
  const address = receiver.address();
  const port = address && typeof address === "object" ? address.port : 0;
  const input = { kind: "webhook", name: "SIEM", url: `http://127.0.0.1:${port}/in`, format: "ndjson", from: "now" };
  await createStream(admin.actor, streamInput.parse({ ...input, query: "q=table%3At" }));
  for (const { client } of both) await client.query("INSERT INTO t VALUES (1)");
  expect(await pumpOnce(new AbortController().signal)).toBe(2);
});

test("a run sends what comes while it lasts, and ends when it is told to", async () => {
  const leaving = new AbortController();
  const running = streamEntries.run(passing("run", systemActor("test"), leaving.signal, pino({ level: "silent" })));
  const [one] = both;
  arrived.clear();
  await one?.client.query("INSERT INTO t VALUES (2)");
  await expect.poll(() => [...arrived], { timeout: 20_000 }).toEqual([one?.id]);
  leaving.abort();
  expect(await running).toEqual({ delivered: 1 });
});
