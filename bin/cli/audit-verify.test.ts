import { afterAll, beforeAll, expect, test } from "vitest";
import { sealLog } from "#db/audit/proof/seal.ts";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { systemActor } from "#db/mint.ts";
import { type Adopted, adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import { caretaker, tokenOf } from "./testing/caretaker.ts";

let app: Adopted;

beforeAll(async () => {
  await freshControl();
  app = await adoptedDatabase("CREATE TABLE notes (id int PRIMARY KEY)");
  await app.client.query("INSERT INTO notes SELECT generate_series(1, 5)");
  await sealLog(systemActor("test"), app.id, { seconds: 0 });
});

afterAll(async () => {
  await app.client.end();
  await closeFleet();
  await closeControl();
});

test("audit verify ends with 0 when the log is what was sealed, and with 9 when it was tampered with", {
  timeout: 120_000,
}, async () => {
  const token = await tokenOf("compliance", ["audit.read", "audit.verify", "databases.read"]);
  const verify = () => caretaker(["audit", "verify", "--database", new URL(app.url).pathname.slice(1)], { token });
  expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^good: 5 entries/) });
  const { rows } = await app.client.query<{ part: string }>(
    "SELECT inhrelid::regclass::text AS part FROM pg_inherits WHERE inhparent = 'caretaker.audit_logs'::regclass",
  );
  for (const { part } of rows) await app.client.query(`ALTER TABLE ${part} DISABLE TRIGGER USER`);
  await app.client.query("UPDATE caretaker.audit_logs SET user_id = 'nobody' WHERE resource_id = '3'");
  expect(await verify()).toMatchObject({ code: 9, stdout: expect.stringMatching(/^bad: .*\nchanged: /) });
});
