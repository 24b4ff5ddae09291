import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { lastCheckpoint } from "#db/audit/proof/checkpoints.ts";
import { deliverDue } from "#db/audit/proof/places/deliver-due.ts";
import { sealLog } from "#db/audit/proof/seal.ts";
import { closeControl, controlPool } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { systemActor } from "#db/mint.ts";
import { type Adopted, adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import { caretaker, json, tokenOf } from "./testing/caretaker.ts";

let app: Adopted;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "caretaker-cli-verify-"));
  await freshControl();
  app = await adoptedDatabase("CREATE TABLE notes (id int PRIMARY KEY)");
  await app.client.query("INSERT INTO notes SELECT generate_series(1, 5)");
  await sealLog(systemActor("test"), app.id, { seconds: 0 });
});

afterAll(async () => {
  await app.client.end();
  await closeFleet();
  await closeControl();
  await rm(folder, { recursive: true });
});

const nameOfApp = () => new URL(app.url).pathname.slice(1);

test("audit places adds a folder, lists how far each log has got there, and removes it; audit.stream is needed", {
  timeout: 240_000,
}, async () => {
  const token = await tokenOf("administrator", ["audit.read", "audit.stream"]);
  const reader = await tokenOf("compliance", ["audit.read"]);
  const add = ["audit", "places", "add", "safe", "--folder", folder];
  const [forbidden, wrong] = await Promise.all([
    caretaker(add, { token: reader }),
    caretaker(["audit", "places", "add", "safe", "--folder", "here"], { token }),
  ]);
  expect([forbidden.code, wrong.code]).toEqual([3, 2]);
  expect(await json(z.object({ id: z.uuid(), secret: z.null() }), add, { token })).toBeTruthy();
  await deliverDue(new AbortController().signal);
  const listed = await caretaker(["audit", "places", "list"], { token: reader });
  expect(listed).toMatchObject({ code: 0, stdout: expect.stringMatching(/safe +\S+ +\S+ +flowing +1 +0/) });
  expect(await caretaker(["audit", "places", "remove", "safe"], { token })).toMatchObject({ code: 0 });
  expect(await caretaker(["audit", "places", "remove", "safe"], { token })).toMatchObject({ code: 4 });
});

test("audit verify holds the log against a checkpoint that is given to it", { timeout: 120_000 }, async () => {
  const token = await tokenOf("compliance", ["audit.read", "audit.verify", "databases.read"]);
  const kept = join(folder, "kept.txt");
  const verify = () => caretaker(["audit", "verify", "--database", nameOfApp(), "--previous", kept], { token });
  const note = (await lastCheckpoint(controlPool(), app.id))?.note ?? "";
  await writeFile(kept, note);
  expect(await verify()).toMatchObject({ code: 0 });
  await writeFile(kept, note.replace("\n5\n", "\n6\n"));
  expect(await verify()).toMatchObject({ code: 9, stdout: expect.stringContaining("is not ours") });
});

test("audit verify ends with 0 when the log is what was sealed, and with 9 when it was tampered with", {
  timeout: 120_000,
}, async () => {
  const token = await tokenOf("compliance", ["audit.read", "audit.verify", "databases.read"]);
  const verify = () => caretaker(["audit", "verify", "--database", nameOfApp()], { token });
  expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^good: 5 entries/) });
  const { rows } = await app.client.query<{ part: string }>(
    "SELECT inhrelid::regclass::text AS part FROM pg_inherits WHERE inhparent = 'caretaker.audit_logs_indexed'::regclass",
  );
  for (const { part } of rows) await app.client.query(`ALTER TABLE ${part} DISABLE TRIGGER USER`);
  await app.client.query("UPDATE caretaker.audit_logs SET user_id = 'nobody' WHERE resource_id = '3'");
  expect(await verify()).toMatchObject({ code: 9, stdout: expect.stringMatching(/^bad: .*\nchanged: /) });
});
