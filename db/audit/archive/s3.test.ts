import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { systemActor } from "../../mint.ts";
import { s3Server } from "../../objects/testing/s3-server.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { searchCold } from "../cold/search.ts";
import { fillMonth } from "./testing/month.ts";
import { moveMonth } from "./testing/move.ts";

vi.setConfig({ testTimeout: 60_000 });

const actor = systemActor("test");
const month = "2026-01";
let server: Awaited<ReturnType<typeof s3Server>>;
let app: Adopted;

beforeAll(async () => {
  server = await s3Server();
  const { bucket, prefix, endpoint, credentials } = server.place;
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-s3-archive-"));
  process.env.CARETAKER_OBJECTS = `s3://${bucket}/${prefix}?endpoint=${encodeURIComponent(endpoint ?? "")}`;
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
  await server.close();
  await rm(process.env.CARETAKER_DATA ?? "", { recursive: true, force: true });
});

test("a month goes to S3, is searched there through a checked copy, and comes back", async () => {
  expect(await moveMonth(actor, "audit.archive", app.id, month)).toMatchObject({
    state: "done",
    result: { rows: "500" },
  });
  const search = () =>
    searchCold(
      actor,
      { database: app.id, q: "action:delete" },
      { cursor: null, limit: 500, signal: new AbortController().signal, onProgress: () => {} },
    );
  expect((await search()).rows).toHaveLength(125);
  expect(await readdir(join(process.env.CARETAKER_DATA ?? "", "cold"))).toHaveLength(1);
  expect((await search()).rows).toHaveLength(125);
  expect(await moveMonth(actor, "audit.return", app.id, month)).toMatchObject({ state: "done" });
  const { rowCount } = await app.client.query("SELECT FROM caretaker.audit_logs WHERE created_at < '2026-02-01'");
  expect(rowCount).toBe(500);
});
