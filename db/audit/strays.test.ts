import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { passing } from "../jobs/passing.ts";
import { systemActor } from "../mint.ts";
import { type Adopted, adoptedDatabase } from "../testing/adopted.ts";
import { freshControl } from "../testing/databases.ts";
import { fillMonth } from "./archive/testing/month.ts";
import { moveMonth } from "./archive/testing/move.ts";
import { ensurePartitions } from "./jobs.ts";

const actor = systemActor("test");
let app: Adopted;

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-strays-"));
  await freshControl();
  app = await adoptedDatabase("CREATE TABLE orders (id integer PRIMARY KEY)");
});

afterAll(async () => {
  await app.client.end();
  await closeFleet();
  await closeControl();
  await rm(process.env.CARETAKER_DATA ?? "", { recursive: true, force: true });
});

test("entries of ended months leave the fallback partition, but for a month that is archived", async () => {
  await fillMonth(app.client, "2025-10", 10);
  expect(await moveMonth(actor, "audit.archive", app.id, "2025-10")).toMatchObject({ state: "done" });
  await app.client.query(
    `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action)
     SELECT at, n, pg_current_xact_id(), 'stray'
       FROM unnest('{2025-09-01 00:00+00, 2025-10-30 12:00+00, 2025-12-31 23:59+00}'::timestamptz[]) WITH ORDINALITY AS stray (at, n)`,
  );
  const said: string[] = [];
  const job = passing("test", actor, new AbortController().signal, pino({ level: "silent" }));
  const done = await ensurePartitions.run({ ...job, log: (line) => said.push(line) });
  expect(done).toMatchObject({ missed: [] });
  const { rows } = await app.client.query<{ part: string }>(
    "SELECT tableoid::regclass::text AS part FROM caretaker.audit_logs WHERE action = 'stray' ORDER BY created_at",
  );
  expect(rows.map(({ part }) => part)).toEqual([
    "caretaker.audit_logs_2025_09",
    "caretaker.audit_logs_default",
    "caretaker.audit_logs_2025_12",
  ]);
  expect(said).toEqual([expect.stringContaining("Entries of 2025-10")]);
});
