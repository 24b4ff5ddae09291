import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { s3Store } from "../../objects/s3-store.ts";
import { s3Server } from "../../objects/testing/s3-server.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { auditedSince, newestEntry } from "../../testing/audit.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { changeStream } from "./change.ts";
import { changeStream as changeInput, createStream as streamInput } from "./contract.ts";
import { listStreams, readStream } from "./list.ts";
import { createStream, pauseStream, removeStream } from "./manage.ts";
import { pumpOnce } from "./pump.ts";
import { Post, stands } from "./testing/post.ts";

const signal = new AbortController().signal;
let app: Adopted;
let admin: Person;
let old: Post;
let next: Post;

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  app = await adoptedDatabase("CREATE TABLE t (id int PRIMARY KEY, v text)");
});

beforeEach(async () => {
  for (const { id } of await listStreams(admin.actor)) await removeStream(admin.actor, { id });
  for (const post of [old, next]) post?.server.close();
  [old, next] = [new Post(), new Post()];
  for (const { server } of [old, next]) await once(server.listen(0, "127.0.0.1"), "listening");
  await app.client.query("TRUNCATE t");
});

afterAll(async () => {
  for (const { server } of [old, next]) server.close();
  await app.client.end();
  await closeFleet();
  await closeControl();
});

const settings = () => ({ kind: "webhook", name: "SIEM", url: old.url, format: "ndjson", query: `database=${app.id}` });

const create = (more: object = {}) =>
  createStream(admin.actor, streamInput.parse({ ...settings(), from: "now", ...more }));

async function change(id: string, more: object, actor = admin.actor) {
  const { revision } = await readStream(admin.actor, id);
  return changeStream(actor, changeInput.parse({ ...settings(), id, revision, ...more }));
}

const insert = (id: number) => app.client.query("INSERT INTO t VALUES ($1, 'x')", [id]);

const token = "Bearer of-the-receiver";
const header = `Authorization: ${token}`;

describe("a change of a stream", () => {
  test("sends on to another address from where it was, after a test event there", async () => {
    const { id } = await create();
    await insert(1);
    expect(await pumpOnce(signal)).toBe(1);
    await insert(2);
    await change(id, { name: "SIEM, moved", url: next.url });
    expect(next.received).toMatchObject([{ test: true }]);
    expect(await pumpOnce(signal)).toBe(1);
    expect([old.sent, next.sent]).toEqual([["1"], ["2"]]);
    expect(await readStream(admin.actor, id)).toMatchObject({
      name: "SIEM, moved",
      place: next.url,
      cursors: [{ delivered: "2" }],
    });
  });

  test("is not made when the receiver does not take the test event, and is made without one where delivery stays", async () => {
    const { id } = await create();
    next.answer = 403;
    const refused = change(id, { url: next.url });
    await expect(refused).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(/^Nothing was changed.* answered 403 Forbidden\.$/),
    });
    expect(await readStream(admin.actor, id)).toMatchObject({ place: old.url, revision: 1 });
    await change(id, { name: "Other", query: "" });
    expect(old.received).toEqual([]);
    expect(await readStream(admin.actor, id)).toMatchObject({ name: "Other", query: "", revision: 2 });
  });

  test("of settings that somebody else changed meanwhile is refused, also while its test event was on the way", async () => {
    const { id } = await create();
    const stale = await readStream(admin.actor, id);
    await change(id, { name: "First" });
    const late = changeInput.parse({ ...settings(), id, revision: stale.revision, name: "Late" });
    await expect(changeStream(admin.actor, late)).rejects.toMatchObject({
      code: "stale_plan",
      fix: expect.any(String),
    });
    next.duringTest = () => change(id, { name: "Faster" });
    await expect(change(id, { url: next.url })).rejects.toMatchObject({ code: "stale_plan" });
    expect(await readStream(admin.actor, id)).toMatchObject({ name: "Faster", place: old.url });
  });

  test("during a delivery loses nothing: what was sent by the settings before is sent again by those after", async () => {
    const { id } = await create({ query: `database=${app.id}&q=${encodeURIComponent("new.v:asked")}` });
    await app.client.query("INSERT INTO t VALUES (1, 'asked'), (2, 'not yet'), (3, 'asked')");
    old.meanwhile = async () => {
      old.meanwhile = async () => {};
      await change(id, { url: next.url });
    };
    await pumpOnce(signal);
    expect(old.sent).toEqual(["1", "3"]);
    await pumpOnce(signal);
    expect(next.sent).toEqual(["1", "2", "3"]);
    const [before, after] = [old, next].map(
      ({ received }) => received.find(({ test }) => !test)?.headers["webhook-id"],
    );
    // The same first and last entry, and another content: a receiver that drops what it has must take it.
    expect(after).toBe(`${before}_r2`);
    await pumpOnce(signal);
    expect(next.sent).toHaveLength(3);
  });

  test("is not held up by what failed before it, and a failure of the settings before is none of those after", async () => {
    const { id } = await create();
    await insert(1);
    old.answer = 500;
    old.meanwhile = () => change(id, { url: next.url });
    await pumpOnce(signal);
    const { standing, cursors } = await readStream(admin.actor, id);
    expect({ standing, cursors }).not.toMatchObject({ standing: "failing" });
    expect(cursors).toMatchObject([{ failures: 0, error: null }]);
    expect(await pumpOnce(signal)).toBe(1);
    expect(next.sent).toEqual(["1"]);
  });

  test("that was paused stays so, and one that is paused during a delivery sends no further batch", async () => {
    const { id } = await create();
    await app.client.query("INSERT INTO t SELECT n, 'bulk' FROM generate_series(1, 900) n");
    old.meanwhile = () => pauseStream(admin.actor, { id });
    expect(await pumpOnce(signal)).toBe(500);
    await change(id, { url: next.url });
    expect(await pumpOnce(signal)).toBe(0);
    expect(await readStream(admin.actor, id)).toMatchObject({ standing: "paused", cursors: [{ delivered: "500" }] });
  });

  test("of its filter begins anew in the databases that it takes in, and forgets those that it leaves", async () => {
    const { id } = await create();
    await change(id, { query: "database=console" });
    const { cursors } = await readStream(admin.actor, id);
    expect(cursors).toMatchObject([{ databaseId: "console", delivered: "0" }]);
    await insert(1);
    await pumpOnce(signal);
    expect(old.received.flatMap(({ headers }) => headers["webhook-id"] ?? [])).not.toContain(app.id);
    await change(id, { query: `database=${app.id}`, from: "beginning" });
    await pumpOnce(signal);
    expect(old.sent).toContain("1");
  });

  test("makes a signing secret anew when asked, shown once; the test event is signed with the one before", async () => {
    const { id, secret } = await create();
    expect(await change(id, { name: "Same" })).toEqual({ id, secret: null });
    const renewed = await change(id, { newSecret: "true" });
    expect(renewed.secret).toMatch(/^whsec_/);
    expect(renewed.secret).not.toBe(secret);
    expect(await stands(renewed.secret ?? "")).toBe(false);
  });

  test("is for administrators alone, and an entry of the log without any secret", async () => {
    const compliance = await person("compliance", "Cora");
    const { id } = await create({ headers: header });
    await expect(change(id, { name: "Mine" }, compliance.actor)).rejects.toMatchObject({ code: "forbidden" });
    const from = await newestEntry();
    await change(id, { headers: "Authorization: Bearer another" });
    expect(await auditedSince(from)).toMatchObject([
      { table: "audit_streams", action: "stream-tested", by: admin.id },
      { table: "audit_streams", action: "update", by: admin.id },
    ]);
    for (const value of [token, "Bearer another"]) expect(await stands(value)).toBe(false);
  });

  test("does not make another kind of stream of it", async () => {
    const { id } = await create();
    const syslog = { kind: "syslog", host: "127.0.0.1", port: 1 };
    await expect(change(id, syslog)).rejects.toMatchObject({ code: "invalid", fix: expect.any(String) });
  });

  test("keeps a bucket's key for its endpoint and access key alone", async () => {
    const [one, other] = [await s3Server(), await s3Server()];
    const { credentials, prefix: _prefix, ...where } = one.place;
    const target = { ...where, kind: "s3", accessKeyId: credentials?.accessKeyId };
    const { id } = await create({ ...target, secretAccessKey: credentials?.secretAccessKey });
    await change(id, { ...target, prefix: "moved" });
    await insert(1);
    await pumpOnce(signal);
    expect(await s3Store({ ...one.place, prefix: "moved" }).list(`${app.id}/`)).toHaveLength(1);
    for (const more of [{ endpoint: other.place.endpoint }, { accessKeyId: "another" }]) {
      await expect(change(id, { ...target, ...more })).rejects.toMatchObject({
        code: "invalid",
        fieldErrors: { secretAccessKey: expect.any(String) },
      });
    }
    await one.close();
    await other.close();
  });
});

describe("a webhook's own header", () => {
  const parsed = (headers: string) => streamInput.safeParse({ ...settings(), from: "now", headers }).success;

  test("goes with entries and test events beside the signature, and its value is nowhere to be read", async () => {
    const { id } = await create({ headers: `${header}\nX-Tenant: acme` });
    await insert(1);
    await pumpOnce(signal);
    expect(old.received).toMatchObject([
      {
        headers: {
          authorization: token,
          "x-tenant": "acme",
          "user-agent": "Caretaker",
          "webhook-signature": expect.stringMatching(/^v1,/),
        },
      },
    ]);
    expect(JSON.stringify(await listStreams(admin.actor))).not.toContain(token);
    expect(await readStream(admin.actor, id)).toMatchObject({ target: { headers: ["Authorization", "X-Tenant"] } });
    expect(await stands(token)).toBe(false);
  });

  test("stays in no failure either", async () => {
    const { id } = await create({ url: "http://127.0.0.1:9/in", headers: header });
    await insert(1);
    await pumpOnce(signal);
    expect((await readStream(admin.actor, id)).cursors[0]?.error).toContain("ECONNREFUSED");
    expect(await stands(token)).toBe(false);
  });

  test("is kept where none is given, for its address alone, replaced where some are, and taken out where none is wanted", async () => {
    const { id } = await create({ headers: header });
    await change(id, { url: `${old.url}/deeper` });
    expect(old.received.at(-1)?.headers.authorization).toBe(token);
    await expect(change(id, { url: next.url })).rejects.toMatchObject({
      code: "invalid",
      fieldErrors: { headers: expect.stringContaining("no other address") },
    });
    expect(next.received).toEqual([]);
    await change(id, { headers: "X-Team: audit" });
    expect(old.received.at(-1)?.headers).toMatchObject({ "x-team": "audit" });
    expect(old.received.at(-1)?.headers.authorization).toBeUndefined();
    await change(id, { url: next.url, noHeaders: "true" });
    expect(next.received.at(-1)?.headers["x-team"]).toBeUndefined();
    const { rows } = await controlPool().query("SELECT target FROM audit_streams WHERE id = $1", [id]);
    expect(rows).toEqual([{ target: { kind: "webhook", url: next.url } }]);
  });

  test.each([
    ...["Host: x", "content-type: x", "Connection: x", "TE: x", "Transfer-Encoding: x", "Proxy-Authorization: x"],
    ...[
      "webhook-signature: x",
      "Webhook-Id: x",
      "User-Agent: x",
      "Expect: x",
      "With space: x",
      "Ünï: x",
      ": x",
      "no header",
    ],
    ...["X: a\nx: b", "X-A:", "X: a\u0001b", "X: ünï", [..."ABCDEFGHIJK"].map((name) => `${name}: x`).join("\n")],
  ])("is none that is ours or the connection's, named twice, one of many, or no header: %j", (headers) => {
    expect([parsed(header), parsed(headers)]).toEqual([true, false]);
  });
});
