import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type net from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import { changeStream } from "./change.ts";
import { changeStream as changeInput, createStream as streamInput } from "./contract.ts";
import { readStream } from "./list.ts";
import { createStream } from "./manage.ts";
import { pumpOnce } from "./pump.ts";
import { sendTest } from "./send-test.ts";

interface Receiver {
  url: string;
  got: { headers: IncomingMessage["headers"]; records: string[] }[];
  close(): void;
}

const signal = new AbortController().signal;
let app: Adopted;
let admin: Awaited<ReturnType<typeof person>>;
let old: Receiver;
let fresh: Receiver;

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  app = await adoptedDatabase("CREATE TABLE t (id int PRIMARY KEY)");
  [old, fresh] = [await receiver(), await receiver()];
});

beforeEach(() => {
  for (const { got } of [old, fresh]) got.length = 0;
});

afterAll(async () => {
  for (const one of [old, fresh]) one.close();
  await app.client.end();
  await closeFleet();
  await closeControl();
});

async function receiver(): Promise<Receiver> {
  const got: Receiver["got"] = [];
  const server = createServer(async (request, response) => {
    const lines = Buffer.concat(await request.toArray())
      .toString()
      .trimEnd()
      .split("\n");
    got.push({ headers: request.headers, records: lines.map((line) => JSON.parse(line).resource_id) });
    response.writeHead(204).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/in`, got, close: () => server.close() };
}

async function stream(more: object = {}): Promise<string> {
  const input = {
    kind: "webhook",
    name: "SIEM",
    url: old.url,
    format: "ndjson",
    from: "now",
    query: `database=${app.id}`,
  };
  return (await createStream(admin.actor, streamInput.parse({ ...input, ...more }))).id;
}

async function change(id: string, more: object = {}) {
  const { seen } = await readStream(admin.actor, id);
  return changeInput.parse({ id, seen, kind: "webhook", name: "SIEM", url: fresh.url, format: "ndjson", ...more });
}

const insert = (id: number) => app.client.query("INSERT INTO t VALUES ($1)", [id]);
const records = ({ got }: Receiver) => got.flatMap((one) => one.records);

test("a stream goes on at its new address from where it was, with nothing left out or sent anew", async () => {
  const id = await stream();
  await insert(1);
  await pumpOnce(signal);
  await insert(2);
  expect(await changeStream(admin.actor, await change(id, { name: "New SIEM" }))).toEqual({ id, secret: null });
  await pumpOnce(signal);
  expect([records(old), records(fresh)]).toEqual([["1"], ["2"]]);
  expect(await readStream(admin.actor, id)).toMatchObject({ name: "New SIEM", place: fresh.url });
});

test("a header lets the sender in, and its value is in no answer, no audit entry and no clear column", async () => {
  const id = await stream({ headers: "Authorization: Bearer opensesame\nX-Team: audit" });
  await sendTest(admin.actor, { id });
  expect(old.got.at(-1)?.headers).toMatchObject({ authorization: "Bearer opensesame", "x-team": "audit" });
  const view = await readStream(admin.actor, id);
  expect(view.target).toMatchObject({ headers: ["Authorization", "X-Team"] });

  await changeStream(admin.actor, await change(id));
  await sendTest(admin.actor, { id });
  expect(fresh.got.at(-1)?.headers).toMatchObject({ authorization: "Bearer opensesame" });
  await changeStream(admin.actor, await change(id, { headers: "X-Team: second" }));
  await sendTest(admin.actor, { id });
  expect(fresh.got.at(-1)?.headers).toMatchObject({ "x-team": "second" });
  expect(fresh.got.at(-1)?.headers.authorization).toBeUndefined();
  await changeStream(admin.actor, await change(id, { noHeaders: "true" }));
  await sendTest(admin.actor, { id });
  expect(fresh.got.at(-1)?.headers["x-team"]).toBeUndefined();
  const { rows } = await controlPool().query(
    "SELECT (SELECT string_agg(s::text, ' ') FROM audit_streams s) || (SELECT string_agg(l::text, ' ') FROM caretaker.audit_logs l) AS said",
  );
  expect(rows[0].said).toContain("X-Team");
  expect(rows[0].said).not.toMatch(/opensesame|second/);
});

test("a new signing secret is shown once and signs from then on", async () => {
  const id = await stream();
  const { secret } = await changeStream(admin.actor, await change(id, { newSecret: "true" }));
  expect(secret).toMatch(/^whsec_/);
  expect((await sendTest(admin.actor, { id })).delivered).toBe(true);
});

test("who has seen other settings is refused, and so are headers that are the sender's own", async () => {
  const id = await stream();
  const mine = await change(id, { name: "Mine" });
  await changeStream(admin.actor, await change(id, { name: "Theirs" }));
  await expect(changeStream(admin.actor, mine)).rejects.toMatchObject({ code: "stale_plan" });
  const support = await person("support", "Sue");
  await expect(changeStream(support.actor, mine)).rejects.toMatchObject({ code: "forbidden" });
  for (const headers of [
    "webhook-signature: x",
    "Host: x",
    "Content-Type: x",
    "no header",
    "X: a\nx: b",
    "X-A:",
    "X: a\u0001b",
  ]) {
    const parsed = streamInput.safeParse({
      kind: "webhook",
      name: "n",
      url: old.url,
      format: "ndjson",
      from: "now",
      headers,
    });
    expect(parsed.success, headers).toBe(false);
  }
});
