import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import net from "node:net";
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
import { createStream, pauseStream, removeStream } from "./manage.ts";
import { pumpOnce } from "./pump.ts";
import { sendTest } from "./send-test.ts";

let app: Adopted;
let admin: Awaited<ReturnType<typeof person>>;

const received: { headers: IncomingMessage["headers"]; body: string }[] = [];
let answer = 204;
const receiver = createServer(async (request, response) => {
  received.push({ headers: request.headers, body: Buffer.concat(await request.toArray()).toString() });
  response.writeHead(answer).end();
});

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  app = await adoptedDatabase("CREATE TABLE t (id int PRIMARY KEY)");
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
});

beforeEach(() => {
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

function stream(target: object) {
  const shared = { name: "SIEM", format: "ndjson", from: "now", query: `database=${app.id}` };
  return createStream(admin.actor, streamInput.parse({ ...shared, ...target }));
}

const webhook = (more: object = {}) =>
  stream({ kind: "webhook", url: `http://127.0.0.1:${portOf(receiver)}/in`, ...more });

async function cursors() {
  const { rows } = await controlPool().query("SELECT * FROM audit_stream_cursors ORDER BY stream_id, database_id");
  return rows;
}

describe("a test event", () => {
  test("comes in the shape and with the signature of an entry, says that it is a test, and moves no cursor", async () => {
    const { id, secret } = await webhook();
    await app.client.query("INSERT INTO t VALUES (1)");
    const before = await cursors();
    await pauseStream(admin.actor, { id });
    expect(await sendTest(admin.actor, { id })).toEqual({
      delivered: true,
      answer: expect.stringMatching(/^127\.0\.0\.1:\d+ answered 204 No Content\.$/),
      fix: null,
      tookMs: expect.any(Number),
    });
    expect(await cursors()).toEqual(before);
    const [{ headers, body } = { headers: {}, body: "" }] = received;
    const key = Buffer.from((secret ?? "").slice("whsec_".length), "base64");
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
    const sent = JSON.parse(body);
    expect(sent).toMatchObject({ database_id: "test", action: "test", metadata: { test: true, sent_by: "Ada" } });

    await removeStream(admin.actor, { id });
    await webhook();
    await app.client.query("INSERT INTO t VALUES (2)");
    await pumpOnce(new AbortController().signal);
    expect(Object.keys(sent)).toEqual(Object.keys(JSON.parse(received[1]?.body ?? "")));
  });

  test("that is refused or finds nobody says so, and what to do", async () => {
    const { id } = await webhook();
    answer = 401;
    expect(await sendTest(admin.actor, { id })).toMatchObject({
      delivered: false,
      answer: expect.stringContaining("answered 401 Unauthorized."),
      fix: expect.stringContaining("signing secret"),
    });
    answer = 308;
    expect(await sendTest(admin.actor, { id })).toMatchObject({ fix: expect.stringContaining("not followed") });
    const nobody = await webhook({ url: "http://127.0.0.1:9/in" });
    expect(await sendTest(admin.actor, nobody)).toMatchObject({
      delivered: false,
      answer: expect.stringContaining("ECONNREFUSED"),
      fix: expect.stringContaining("runs"),
    });
    const outside = await webhook({ url: "http://10.0.0.1/in" });
    expect(await sendTest(admin.actor, outside)).toMatchObject({
      delivered: false,
      answer: expect.stringContaining("outside the networks"),
    });
  });

  test("goes to syslog as a message of its own, in the stream's format", async () => {
    let text = "";
    const server = net.createServer((socket) =>
      socket.on("data", (chunk) => {
        text += chunk;
      }),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { id } = await stream({ kind: "syslog", host: "127.0.0.1", port: portOf(server), format: "ocsf" });
    expect(await sendTest(admin.actor, { id })).toMatchObject({
      delivered: true,
      answer: expect.stringContaining("took every byte"),
    });
    const [, json = ""] =
      /^\d+ <110>1 \S+Z \S+ caretaker - test \[caretaker@32473 database="test" [^\]]+\] (\{.*\})$/.exec(text) ?? [];
    expect(JSON.parse(json)).toMatchObject({
      class_uid: 6003,
      api: { operation: "test" },
      unmapped: { metadata: { test: true } },
    });
    server.close();
  });

  test("goes into a bucket under a key that names it, and tells a bucket that there is none", async () => {
    const { place, close } = await s3Server();
    const { endpoint, credentials, ...where } = place;
    const target = { ...where, endpoint, ...credentials, kind: "s3" };
    const { answer: said } = await sendTest(admin.actor, await stream(target));
    const [object] = await s3Store(place).list("test/");
    expect(said).toBe(`It stored ${object?.key}.`);
    const { id } = await stream({ ...target, bucket: "no-such-bucket" });
    expect(await sendTest(admin.actor, { id })).toMatchObject({
      delivered: false,
      answer: expect.stringContaining("no-such-bucket"),
      fix: expect.stringContaining("bucket"),
    });
    await close();
  });

  test("is for administrators alone, and is an entry of the log before it is sent", async () => {
    const compliance = await person("compliance", "Cora");
    const { id } = await webhook();
    await expect(sendTest(compliance.actor, { id })).rejects.toMatchObject({ code: "forbidden" });
    const from = await newestEntry();
    await sendTest(admin.actor, { id });
    expect(await auditedSince(from)).toEqual([
      expect.objectContaining({ table: "audit_streams", action: "stream-tested", by: admin.id }),
    ]);
    await removeStream(admin.actor, { id });
    await expect(sendTest(admin.actor, { id })).rejects.toMatchObject({ code: "not_found" });
    expect(received).toHaveLength(1);
  });
});
