import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import net from "node:net";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { s3Store } from "../../objects/s3-store.ts";
import { s3Server } from "../../objects/testing/s3-server.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { auditedSince, newestEntry } from "../../testing/audit.ts";
import { freshControl } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import { createStream as streamInput } from "./contract.ts";
import { listStreams, readStream } from "./list.ts";
import { createStream, pauseStream, removeStream, resumeStream } from "./manage.ts";
import { pumpOnce } from "./pump.ts";

let app: Adopted;
let admin: Awaited<ReturnType<typeof person>>;
let compliance: Awaited<ReturnType<typeof person>>;
const signal = new AbortController().signal;

/** A receiver on this machine that answers what it is told to. */
const received: { headers: IncomingMessage["headers"]; body: string }[] = [];
let answer = 204;
const receiver = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString();
  received.push({ headers: request.headers, body });
  response.writeHead(answer).end();
});

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  compliance = await person("compliance", "Cora");
  app = await adoptedDatabase("CREATE TABLE t (id int PRIMARY KEY, v text)");
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
});

beforeEach(async () => {
  for (const { id } of await listStreams(admin.actor)) await removeStream(admin.actor, { id });
  received.length = 0;
  answer = 204;
});

afterAll(async () => {
  receiver.close();
  await app.client.end();
  await closeFleet();
  await closeControl();
});

function portOf(server: net.Server): number {
  const address = server.address();
  return address && typeof address === "object" ? address.port : 0;
}

function webhook(more: object = {}) {
  const input = {
    kind: "webhook",
    name: "SIEM",
    url: `http://127.0.0.1:${portOf(receiver)}/in`,
    format: "ndjson",
    from: "now",
  };
  return createStream(admin.actor, streamInput.parse({ ...input, query: `database=${app.id}`, ...more }));
}

const records = () =>
  received.flatMap(({ body }) =>
    body
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).resource_id),
  );

/** What the back-off would wait for. */
const due = () => controlPool().query("UPDATE audit_stream_cursors SET next_try_at = now()");

describe("a stream", () => {
  test("posts what was committed since, signed so that the receiver can check it, and nothing twice", async () => {
    await app.client.query("INSERT INTO t VALUES (1, 'before')");
    const { secret, id } = await webhook();
    await app.client.query("INSERT INTO t VALUES (2, 'after')");
    expect(await pumpOnce(signal)).toBe(1);
    expect(await pumpOnce(signal)).toBe(0);
    expect(records()).toEqual(["2"]);
    const [{ headers, body } = { headers: {}, body: "" }] = received;
    const key = Buffer.from((secret ?? "").slice("whsec_".length), "base64");
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
    expect(JSON.parse(body)).toMatchObject({
      database_id: app.id,
      action: "create",
      new_values: { id: 2, v: "after" },
    });
    expect(await readStream(admin.actor, id)).toMatchObject({ standing: "flowing", cursors: [{ delivered: "1" }] });
  });

  test("never skips an entry that commits late, behind ones that were written after it", async () => {
    const { id } = await webhook();
    const slow = new pg.Client(app.url);
    await slow.connect();
    await slow.query("BEGIN; INSERT INTO t VALUES (10, 'written first')");
    await app.client.query("INSERT INTO t VALUES (11, 'committed first')");
    await pumpOnce(signal);
    const held = await readStream(admin.actor, id);
    await slow.query("COMMIT");
    await slow.end();
    await pumpOnce(signal);
    expect(records()).toEqual(["10", "11"]);
    // While the older transaction was open its followers waited, and that was no secret.
    expect(held.cursors[0]?.behindSince).not.toBeNull();
  });

  test("sends again what the receiver did not take, later each time, and tells why", async () => {
    const { id } = await webhook();
    await app.client.query("INSERT INTO t VALUES (20, 'x')");
    answer = 503;
    await pumpOnce(signal);
    await pumpOnce(signal);
    expect(received).toHaveLength(1);
    const failing = await readStream(admin.actor, id);
    expect(failing).toMatchObject({
      standing: "failing",
      cursors: [{ failures: 1, error: expect.stringContaining("503") }],
    });
    expect(failing.cursors[0]?.behindSince).not.toBeNull();
    await due();
    await pumpOnce(signal);
    const waits = (await readStream(admin.actor, id)).cursors[0];
    expect(Date.parse(waits?.nextTryAt ?? "") - Date.now()).toBeGreaterThan(1_500);
    answer = 200;
    await due();
    expect(await pumpOnce(signal)).toBe(1);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(await readStream(admin.actor, id)).toMatchObject({
      standing: "flowing",
      cursors: [{ failures: 0, error: null }],
    });
  });

  test("sends more than one batch, whole and in the order of transactions", async () => {
    await webhook();
    await app.client.query("INSERT INTO t SELECT n, 'bulk' FROM generate_series(1001, 2203) n");
    expect(await pumpOnce(signal)).toBe(1203);
    expect(received.length).toBeGreaterThan(1);
    expect(new Set(records()).size).toBe(1203);
  });

  test("paused sends nothing, and resumed everything that came meanwhile", async () => {
    const { id } = await webhook({ query: `database=${app.id}&q=action%3Adelete` });
    await pauseStream(admin.actor, { id });
    await app.client.query("INSERT INTO t VALUES (30, 'x'); DELETE FROM t WHERE id = 30");
    expect(await pumpOnce(signal)).toBe(0);
    await resumeStream(admin.actor, { id });
    expect(await pumpOnce(signal)).toBe(1);
    expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({ action: "delete", resource_id: "30" });
  });

  test("speaks RFC 5424 with the length before each message", async () => {
    let text = "";
    const server = net.createServer((socket) =>
      socket.on("data", (chunk) => {
        text += chunk;
      }),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const shared = {
      name: "Log host",
      kind: "syslog",
      host: "127.0.0.1",
      port: portOf(server),
      format: "ocsf",
      from: "now",
    };
    await createStream(admin.actor, streamInput.parse({ ...shared, query: `database=${app.id}` }));
    await app.client.query("INSERT INTO t VALUES (40, 'ünï'), (41, 'y')");
    expect(await pumpOnce(signal)).toBe(2);
    const bytes = Buffer.from(text);
    const messages: string[] = [];
    for (let from = 0; from < bytes.length; ) {
      const space = bytes.indexOf(32, from);
      const length = Number(bytes.subarray(from, space).toString());
      messages.push(bytes.subarray(space + 1, space + 1 + length).toString());
      from = space + 1 + length;
    }
    expect(messages).toHaveLength(2);
    const [, json = ""] =
      /^<110>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \S+ caretaker - create \[caretaker@32473 database="[^"]+" entry="\d+" transaction="\d+"\] (\{.*\})$/.exec(
        messages[0] ?? "",
      ) ?? [];
    expect(JSON.parse(json)).toMatchObject({ class_uid: 6005, activity_id: 6, unmapped: { new_values: { v: "ünï" } } });
    server.close();
  });

  test("puts batches into a bucket, where sending one again changes nothing", async () => {
    const { place, close } = await s3Server();
    const { endpoint, credentials, ...where } = place;
    const input = { ...where, endpoint, ...credentials, kind: "s3", name: "Bucket", format: "ndjson", from: "now" };
    await createStream(admin.actor, streamInput.parse({ ...input, query: `database=${app.id}` }));
    await app.client.query("INSERT INTO t VALUES (50, 'x')");
    const { rows } = await controlPool().query(
      "SELECT transaction_id, entry_id FROM audit_stream_cursors ORDER BY next_try_at DESC LIMIT 1",
    );
    expect(await pumpOnce(signal)).toBe(1);
    // As if the worker had died between the delivery and the note of it.
    await controlPool().query("UPDATE audit_stream_cursors SET transaction_id = $1, entry_id = $2", [
      rows[0].transaction_id,
      rows[0].entry_id,
    ]);
    expect(await pumpOnce(signal)).toBe(1);
    const stored = await s3Store(place).list(`${app.id}/`);
    expect(stored).toHaveLength(1);
    await close();
  });

  test("says so when the database counts its transactions from anew, and sends nothing wrong", async () => {
    const { id } = await webhook();
    await controlPool().query("UPDATE audit_stream_cursors SET transaction_id = '9999999999' WHERE stream_id = $1", [
      id,
    ]);
    await app.client.query("INSERT INTO t VALUES (60, 'x')");
    await pumpOnce(signal);
    expect(received).toEqual([]);
    expect((await readStream(admin.actor, id)).cursors[0]?.error).toContain("from anew");
  });

  test("never connects outside the allowed networks", async () => {
    const { id } = await webhook({ url: "http://10.0.0.1/in" });
    await app.client.query("INSERT INTO t VALUES (70, 'x')");
    await pumpOnce(signal);
    expect((await readStream(admin.actor, id)).cursors[0]?.error).toContain("outside the networks");
  });

  test("is made, paused, resumed and removed by administrators alone, and each is an entry of the log without its secret", async () => {
    const input = { kind: "webhook", name: "X", url: "https://example.com", format: "ndjson", from: "now" };
    await expect(createStream(compliance.actor, streamInput.parse(input))).rejects.toMatchObject({ code: "forbidden" });
    const from = await newestEntry();
    const { id, secret } = await webhook();
    await pauseStream(admin.actor, { id });
    await resumeStream(admin.actor, { id });
    for (const verb of [pauseStream, resumeStream, removeStream]) {
      await expect(verb(compliance.actor, { id })).rejects.toMatchObject({ code: "forbidden" });
    }
    await removeStream(admin.actor, { id });
    const acts = (await auditedSince(from)).filter(({ table }) => table === "audit_streams");
    expect(acts.map(({ action }) => action)).toEqual(["create", "update", "update", "update"]);
    const { rows } = await controlPool().query<{ found: boolean }>(
      "SELECT bool_or(strpos(audit_logs::text, $1) > 0 OR audit_logs::text LIKE '%v1.%.%.%') AS found FROM caretaker.audit_logs WHERE resource_type = 'audit_streams'",
      [secret],
    );
    expect(rows).toEqual([{ found: false }]);
  });
});
