import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { systemActor } from "../../mint.ts";
import { objectStore } from "../../objects/configured.ts";
import { digestFile } from "../../objects/digest.ts";
import { s3Server } from "../../objects/testing/s3-server.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import { coldFile } from "../cold/file.ts";
import { searchCold } from "../cold/search.ts";
import { eraseJob } from "../proof/erase-job.ts";
import { agreeToErase } from "../proof/testing/erase.ts";
import { archiveOf } from "./registry.ts";
import { fillMonth } from "./testing/month.ts";
import { finishJob, moveMonth } from "./testing/move.ts";

const actor = systemActor("test");
const month = "2026-01";
let server: Awaited<ReturnType<typeof s3Server>>;
let app: Adopted;
const signal = new AbortController().signal;

/** The way to S3, where each body waits longer than the one before. */
let bodyAfterMs = 0;
const way = createServer((asked, answer) => {
  const { port } = new URL(server.place.endpoint ?? "");
  const { url: path, method, headers } = asked;
  const passed = request({ host: "127.0.0.1", port, path, method, headers }, (found) => {
    answer.writeHead(found.statusCode ?? 500, found.headers);
    setTimeout(() => found.pipe(answer), bodyAfterMs);
    bodyAfterMs *= 2;
  });
  asked.pipe(passed);
});

beforeAll(async () => {
  server = await s3Server();
  way.listen(0, "127.0.0.1");
  await once(way, "listening");
  const address = way.address();
  const endpoint = `http://127.0.0.1:${address && typeof address === "object" ? address.port : 0}`;
  const { bucket, prefix, credentials } = server.place;
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-s3-archive-"));
  process.env.CARETAKER_OBJECTS = `s3://${bucket}/${prefix}?endpoint=${encodeURIComponent(endpoint)}`;
  process.env.AWS_ACCESS_KEY_ID = credentials?.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = credentials?.secretAccessKey;
  await freshControl();
  app = await adoptedDatabase("CREATE TABLE orders (id integer PRIMARY KEY)");
  await fillMonth(app.client, month, 500);
});

afterAll(async () => {
  await app.client.end();
  await closeFleet();
  await closeControl();
  way.close();
  way.closeAllConnections();
  await server.close();
  await rm(process.env.CARETAKER_DATA ?? "", { recursive: true, force: true });
});

async function found(q: string): Promise<number> {
  const options = { cursor: null, limit: 500, signal: new AbortController().signal, onProgress: () => {} };
  return (await searchCold(actor, { database: app.id, q }, options)).rows.length;
}

const copies = () => readdir(join(process.env.CARETAKER_DATA ?? "", "cold"));

test("a month goes to S3, is searched there through a checked copy, and comes back", async () => {
  expect(await moveMonth(actor, "audit.archive", app.id, month)).toMatchObject({
    state: "done",
    result: { rows: "500" },
  });
  expect(await found("action:delete")).toBe(125);
  expect(await copies()).toHaveLength(1);
  expect(await found("action:delete")).toBe(125);
  expect(await moveMonth(actor, "audit.return", app.id, month)).toMatchObject({ state: "done" });
  const { rowCount } = await app.client.query("SELECT FROM caretaker.audit_logs WHERE created_at < '2026-02-01'");
  expect(rowCount).toBe(500);
});

test("two who read one month at once each get it whole", async () => {
  await moveMonth(actor, "audit.archive", app.id, month);
  const archive = await archiveOf(app.id, month);
  if (!archive) throw new Error("The month is not archived.");
  await rm(join(process.env.CARETAKER_DATA ?? "", "cold"), { recursive: true, force: true });
  bodyAfterMs = 500;
  const paths = await Promise.all([coldFile(archive, signal), coldFile(archive, signal)]);
  bodyAfterMs = 0;
  for (const path of paths) expect((await digestFile(path)).sha256).toBe(archive.sha256);
  expect(await copies()).toEqual([`${archive.sha256}.parquet`]);
  await moveMonth(actor, "audit.return", app.id, month);
});

test("a person's values are erased from a month in S3, and from the copies of it that were read", async () => {
  await moveMonth(actor, "audit.archive", app.id, month);
  expect(await found("value:person5@example.com")).toBe(1);
  const before = await archiveOf(app.id, month);
  const subject = { kind: "records" as const, schema: "public", table: "orders", records: ["5"], columns: ["email"] };
  const [ada, bo] = [await person("administrator", "Ada"), await person("compliance", "Bo")];
  const jobId = await agreeToErase(ada, bo, { databaseId: app.id, subject });
  expect(await finishJob(actor, jobId, [eraseJob])).toMatchObject({ state: "done", result: { entries: 1 } });
  expect(await copies()).not.toContain(`${before?.sha256}.parquet`);
  const keys = (await objectStore().list(`audit/${app.id}/`)).map(({ key }) => key);
  const archive = await archiveOf(app.id, month);
  expect(keys.sort()).toEqual([archive?.key, archive?.manifestKey].sort());
  expect(await found("value:person5@example.com")).toBe(0);
  expect(await found("record:5")).toBe(1);
});
