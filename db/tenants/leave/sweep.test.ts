import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { passing } from "../../jobs/passing.ts";
import { systemActor } from "../../mint.ts";
import { queued } from "../make/testing.ts";
import { suspendNamed } from "../testing.ts";
import { partFolder } from "./parts.ts";
import { proofDatabase } from "./proofs.ts";
import { sweepLeavings } from "./sweep.ts";
import { openStage, type Stage } from "./testing.ts";

let stage: Stage;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-sweep-"));
  stage = await openStage();
});

afterAll(async () => {
  await stage.shop.client.end();
  await closeFleet();
  await closeControl();
});

function sweep(): Promise<Record<string, unknown>> {
  const log = pino({ level: "silent" });
  return sweepLeavings.run(passing("t", systemActor("test"), new AbortController().signal, log));
}

async function part(tenantId: string, ageMs = 3_700_000): Promise<string> {
  const file = `${tenantId}-${randomUUID().slice(0, 8)}.sql.part`;
  const path = join(await partFolder(), file);
  await writeFile(path, "every row of it");
  const then = new Date(Date.now() - ageMs);
  await utimes(path, then, then);
  return file;
}

test("what a killed attempt had written is removed an hour later, and not what a job may still write", async () => {
  const [left, young] = [await part(randomUUID()), await part(randomUUID(), 3_500_000)];
  const tenantId = randomUUID();
  const written = await part(tenantId);
  await queued(stage.ada.actor, "tenants.export", { tenantId, format: "dump" }, randomUUID());
  expect(await sweep()).toMatchObject({ removed: [left] });
  expect((await readdir(await partFolder())).sort()).toEqual([written, young].sort());
});

test("a deleted tenant leaves no half-written file either", async () => {
  const { id } = await stage.tenantIn("shared", "Deleted with a part");
  const [own, other] = [await part(id, 0), await part(randomUUID(), 0)];
  await suspendNamed(stage.ada.actor, { tenantId: id, reason: "leaving" });
  await stage.leave(id, "delete");
  const files = await readdir(await partFolder());
  expect(files).not.toContain(own);
  expect(files).toContain(other);
});

test("the database of a killed proof is dropped once no job wants it, and never one of a tenant that is not known here", async () => {
  const { id } = await stage.tenantIn("shared", "Killed at its proof");
  const [own, foreign] = [proofDatabase(id), proofDatabase(randomUUID())];
  for (const name of [own, foreign]) await stage.shop.client.query(`CREATE DATABASE ${name}`);
  const jobId = await queued(stage.ada.actor, "tenants.leave", { tenantId: id, how: "archive" }, randomUUID());
  expect(await sweep()).toMatchObject({ dropped: [] });
  await controlPool().query("UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE id = $1", [jobId]);
  expect(await sweep()).toMatchObject({ dropped: [own] });
  const { rows } = await stage.shop.client.query("SELECT datname FROM pg_database WHERE datname = ANY ($1)", [
    [own, foreign],
  ]);
  expect(rows).toEqual([{ datname: foreign }]);
  await stage.shop.client.query(`DROP DATABASE ${foreign}`);
});
