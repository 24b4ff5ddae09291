import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createStream as streamInput } from "../audit/stream/contract.ts";
import { createStream, pauseStream, removeStream } from "../audit/stream/manage.ts";
import { pumpOnce } from "../audit/stream/pump.ts";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { systemActor } from "../mint.ts";
import { type Adopted, adoptedDatabase } from "../testing/adopted.ts";
import { freshControl } from "../testing/databases.ts";
import { type Person, person } from "../testing/people.ts";
import { readFleetHealth } from "./read.ts";

const system = systemActor("test");
const signal = new AbortController().signal;
let app: Adopted;
let admin: Person;
let answer = 204;
const receiver = createServer((request, response) => {
  request.resume().on("end", () => response.writeHead(answer).end());
});

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  app = await adoptedDatabase("CREATE TABLE notes (id bigint PRIMARY KEY)");
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
});

afterAll(async () => {
  receiver.close();
  await app.client.end();
  await closeFleet();
  await closeControl();
});

async function found() {
  const { databases } = await readFleetHealth(system, { database: app.id });
  return databases[0]?.checks.find(({ id }) => id === "audit-streams");
}

async function stream(name: string) {
  const address = receiver.address();
  const port = address && typeof address === "object" ? address.port : 0;
  const input = { kind: "webhook", name, url: `http://127.0.0.1:${port}/in`, format: "ndjson", from: "now" };
  return createStream(admin.actor, streamInput.parse({ ...input, query: `database=${app.id}` }));
}

const cursors = (set: string) => controlPool().query(`UPDATE audit_stream_cursors SET ${set}`);

test("a stream that does not get on is a warning after a while and then critical, with what is in the way", async () => {
  expect(await found()).toMatchObject({ verdict: "neutral" });
  const { id } = await stream("SIEM");
  await pumpOnce(signal);
  expect(await found()).toMatchObject({ verdict: "good", finding: "What was written is sent on." });
  await cursors("behind_since = now() - interval '16 minutes'");
  expect(await found()).toMatchObject({ verdict: "warning", finding: "SIEM is 16 minutes behind." });
  answer = 503;
  await app.client.query("INSERT INTO notes VALUES (1)");
  await pumpOnce(signal);
  await cursors("behind_since = now() - interval '61 minutes'");
  expect(await found()).toMatchObject({
    verdict: "critical",
    finding: "SIEM has been failing for 61 minutes.",
    fix: expect.stringContaining("503"),
  });
  // What fails before anything was read tells by its tries alone how long it has.
  await cursors("behind_since = NULL, failures = 12");
  expect(await found()).toMatchObject({
    verdict: "warning",
    finding: expect.stringMatching(/failing for \d\d minutes/),
  });
  await cursors("behind_since = NULL, failures = 0, checked_at = now() - interval '2 hours'");
  await cursors("next_try_at = checked_at");
  await controlPool().query("UPDATE audit_streams SET created_at = now() - interval '3 hours'");
  expect(await found()).toMatchObject({ verdict: "critical", fix: expect.stringContaining("Start the worker") });
  await pauseStream(admin.actor, { id });
  expect(await found()).toMatchObject({ verdict: "good", finding: expect.stringContaining("SIEM is paused.") });
  await controlPool().query("UPDATE audit_streams SET paused_at = now() - interval '2 hours'");
  expect(await found()).toMatchObject({
    verdict: "warning",
    finding: "SIEM has been paused for 120 minutes; its receiver gets nothing of this log.",
  });
  await removeStream(admin.actor, { id });
  expect(await found()).toMatchObject({ verdict: "neutral" });
});
