import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeControl, control, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { systemActor } from "../../mint.ts";
import { databases } from "../../schema/fleet.ts";
import { retentionRules } from "../../schema/retention.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { dueArchives } from "../archive/due.ts";
import { monthAfter, monthOf } from "../archive/month.ts";
import { standingOf } from "../archive/standing.ts";
import { startArchive } from "../archive/start.ts";
import { moveMonth } from "../archive/testing/move.ts";
import { moveToPast } from "../archive/testing/past.ts";
import { filterOf } from "../export/filter.ts";
import { askedBy } from "../query/asked.ts";
import { retentionOverview } from "../retention/overview.ts";
import { readBatch } from "./batch.ts";
import { createStream as streamInput } from "./contract.ts";
import { listStreams, readStream } from "./list.ts";
import { createStream, pauseStream, removeStream, resumeStream } from "./manage.ts";
import { beginning, type Place } from "./place.ts";
import { pumpOnce } from "./pump.ts";

const system = systemActor("test");
const signal = new AbortController().signal;
let app: Adopted;
let admin: Person;

/** The records that a receiver on this machine was sent. */
const records: string[] = [];
const receiver = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString();
  const lines = body.trimEnd().split("\n");
  records.push(...lines.map((line) => JSON.parse(line).resource_id));
  response.writeHead(204).end();
});

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-progress-"));
  await freshControl();
  admin = await person("administrator", "Ada");
  app = await adoptedDatabase("CREATE TABLE t (id int PRIMARY KEY, v text)");
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
});

beforeEach(async () => {
  for (const { id } of await listStreams(admin.actor)) await removeStream(admin.actor, { id });
  records.length = 0;
});

afterAll(async () => {
  receiver.close();
  await app.client.end();
  await closeFleet();
  await closeControl();
  await rm(process.env.CARETAKER_DATA ?? "", { recursive: true, force: true });
});

function webhook(more: object = {}) {
  const address = receiver.address();
  const port = address && typeof address === "object" ? address.port : 0;
  const input = { kind: "webhook", name: "SIEM", url: `http://127.0.0.1:${port}/in`, format: "ndjson", from: "now" };
  return createStream(admin.actor, streamInput.parse({ ...input, query: `database=${app.id}`, ...more }));
}

describe("a stream", () => {
  test("gets through a long log that hardly matches its filter, a part at a time", async () => {
    const { id } = await webhook({ query: `database=${app.id}&q=user:nobody` });
    await app.client.query("INSERT INTO t SELECT n, 'bulk' FROM generate_series(10001, 22000) n");
    await app.client.query(
      "SET app.current_user_id = 'nobody'; INSERT INTO t VALUES (80, 'rare'); RESET app.current_user_id",
    );
    const [database] = await askedBy(filterOf((await readStream(admin.actor, id)).query));
    if (!database) throw new Error("Nobody is asked.");
    const { rows } = await controlPool().query<{ place: Place }>(
      `SELECT json_build_object('transactionId', transaction_id, 'entryId', entry_id) AS place
         FROM audit_stream_cursors WHERE stream_id = $1`,
      [id],
    );
    const first = await readBatch(database, "ndjson", rows[0]?.place ?? beginning);
    expect(first).toMatchObject({ entries: [], behindSince: expect.any(String) });
    expect(first.next.entryId).not.toBe("0");
    expect(await pumpOnce(signal)).toBe(1);
    expect(records).toEqual(["80"]);
    expect(await readStream(admin.actor, id)).toMatchObject({ cursors: [{ behindSince: null }] });
  });

  test("whose database was released says so, and disturbs no other", async () => {
    const gone = await adoptedDatabase("CREATE TABLE t (id int PRIMARY KEY, v text)");
    const { id: lost } = await webhook({ query: `database=${gone.id}` });
    const { id } = await webhook();
    await control().update(databases).set({ releasedAt: new Date().toISOString() }).where(eq(databases.id, gone.id));
    await app.client.query("INSERT INTO t VALUES (90, 'x')");
    expect(await pumpOnce(signal)).toBe(1);
    expect(await pumpOnce(signal)).toBe(0);
    expect(await readStream(admin.actor, id)).toMatchObject({ standing: "flowing" });
    expect(await readStream(admin.actor, lost)).toMatchObject({
      standing: "failing",
      cursors: [{ failures: 1, error: expect.stringContaining("No adopted database") }],
    });
    await gone.client.end();
  });

  test("keeps a month in PostgreSQL until it has sent it, visibly, or is removed", async () => {
    const month = monthAfter(monthOf(new Date()), -3);
    await control()
      .insert(retentionRules)
      .values({ databaseId: app.id, keepMonths: 84, hotMonths: 1, reason: "a test" });
    await app.client.query("INSERT INTO t VALUES (100, 'old')");
    await moveToPast(app.client, month);
    const { id } = await webhook({ from: "beginning", query: `database=${app.id}&q=record:100` });
    await pauseStream(admin.actor, { id });
    const said: string[] = [];
    const due = async () =>
      (await dueArchives((line) => said.push(line))).filter(({ input }) => input.databaseId === app.id);
    const shown = async () =>
      (await retentionOverview(admin.actor))
        .flatMap(({ months }) => months)
        .find((one) => one.databaseId === app.id && one.month === month)?.waitsFor;
    expect(await due()).toEqual([]);
    expect(said).toContainEqual(expect.stringMatching(/^\d{4}-\d\d of .* waits for the stream SIEM$/));
    expect(await shown()).toEqual(["SIEM"]);
    await expect(startArchive(admin.actor, { databaseId: app.id, month })).rejects.toThrow("waits for the stream SIEM");
    expect(await moveMonth(system, "audit.archive", app.id, month)).toMatchObject({ state: "failed" });
    expect(await standingOf(app.client, month)).toBe("attached");

    await resumeStream(admin.actor, { id });
    await pumpOnce(signal);
    expect(records).toEqual(["100"]);
    expect(await shown()).toEqual([]);
    expect((await due()).map(({ input }) => input.month)).toEqual([month]);

    const { id: other } = await webhook({ from: "beginning" });
    expect(await due()).toEqual([]);
    await removeStream(admin.actor, { id: other });
    expect(await moveMonth(system, "audit.archive", app.id, month)).toMatchObject({ state: "done" });
    expect(await standingOf(app.client, month)).toBe("gone");
  });
});
