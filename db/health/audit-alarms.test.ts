import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { indexStaged } from "../audit/index-staged.ts";
import { sealLog } from "../audit/proof/seal.ts";
import { verifyLog } from "../audit/proof/verify-log.ts";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet, consoleDatabase, withDatabase } from "../fleet.ts";
import { systemActor } from "../mint.ts";
import { type Adopted, adoptedDatabase } from "../testing/adopted.ts";
import { freshControl, freshDatabase } from "../testing/databases.ts";
import { registerDatabase } from "../testing/register.ts";
import { auditSealingCheck } from "./audit-sealing.ts";
import type { Check } from "./contract.ts";
import { readFacts } from "./facts.ts";
import { readFleetHealth } from "./read.ts";

const system = systemActor("test");
let app: Adopted;

beforeAll(async () => {
  await freshControl();
});

beforeEach(async () => {
  app = await adoptedDatabase("CREATE TABLE notes (id bigint PRIMARY KEY, body text)");
  await app.client.query("INSERT INTO notes SELECT n, 'a' FROM generate_series(1, 10) n");
  await sealLog(system, app.id, { seconds: 0 });
  return () => app.client.end();
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

async function check(id: string, databaseId = app.id): Promise<Check> {
  const { databases } = await readFleetHealth(system, { database: databaseId });
  const found = databases[0]?.checks.find((one) => one.id === id);
  if (!found) throw new Error(`No check ${id}.`);
  return found;
}

const lastSealed = (ago: string) =>
  controlPool().query("UPDATE sealed_logs SET sealed_at = now() - $2::interval WHERE database_id = $1", [app.id, ago]);

test("entries that wait for their seal are a warning, then critical; a log in which nothing waits is neither", async () => {
  await lastSealed("1 hour");
  expect(await check("audit-sealing")).toMatchObject({ verdict: "good", value: 0 });
  await app.client.query("INSERT INTO notes VALUES (11, 'b')");
  expect(await check("audit-sealing")).toMatchObject({
    verdict: "critical",
    finding: expect.stringContaining("60 minutes"),
    fix: expect.stringContaining("worker"),
  });
  await lastSealed("6 minutes");
  expect(await check("audit-sealing")).toMatchObject({ verdict: "warning" });
  await sealLog(system, app.id);
  expect(await check("audit-sealing")).toMatchObject({ verdict: "good" });
});

test("entries that nobody indexes are a warning, then critical, until they are", async () => {
  const write = (ago: string) =>
    app.client.query(
      `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action, staged)
       SELECT at, floor(extract(epoch FROM at) * 1000)::bigint << 20, pg_current_xact_id(), 'login', true
         FROM (SELECT now() - $1::interval AS at) AS written`,
      [ago],
    );
  expect(await check("audit-staged")).toMatchObject({ verdict: "good", value: 0 });
  await write("6 minutes");
  expect(await check("audit-staged")).toMatchObject({ verdict: "warning", fix: expect.stringContaining("worker") });
  await write("2 hours");
  expect(await check("audit-staged")).toMatchObject({
    verdict: "critical",
    finding: expect.stringMatching(/^2 entries wait/),
  });
  expect(await indexStaged(system, app.id)).toBe(2);
  expect(await check("audit-staged")).toMatchObject({ verdict: "good" });
});

test("an open transaction that keeps entries from being sealed is named as that", async () => {
  const holder = new pg.Client(app.url);
  await holder.connect();
  await holder.query("BEGIN; INSERT INTO notes VALUES (21, 'held')");
  await app.client.query("INSERT INTO notes VALUES (22, 'waits')");
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await sealLog(system, app.id)).toEqual({ sealed: 0 });
  const found = await withDatabase(app.id, async (client) => {
    const facts = await readFacts(client, app.id);
    // A console that is slow to ask: what waits is not older for that than what it waits for.
    await new Promise((resolve) => setTimeout(resolve, 200));
    return auditSealingCheck(0.3, 900).run(client, facts);
  });
  await holder.query("COMMIT");
  await holder.end();
  expect(found).toMatchObject({
    verdict: "warning",
    finding: expect.stringMatching(/^A transaction that writes has been open/),
  });
});

test("a sealer that runs and does not catch up is late by the entries that wait, and is named as that", async () => {
  await app.client.query("INSERT INTO notes VALUES (31, 'waits')");
  await controlPool().query(
    "UPDATE sealed_logs SET sealed_at = now(), unsealed_since = now() - interval '20 minutes' WHERE database_id = $1",
    [app.id],
  );
  expect(await check("audit-sealing")).toMatchObject({
    verdict: "critical",
    finding: "Entries wait for their seal for 20 minutes, though the worker seals: it has to catch up.",
  });
});

test("sealing that has stopped is critical, and says why", async () => {
  await controlPool().query("UPDATE sealed_logs SET stopped = 'Its transactions went back.' WHERE database_id = $1", [
    app.id,
  ]);
  expect(await check("audit-sealing")).toMatchObject({ verdict: "critical", finding: "Its transactions went back." });
});

test("a failed verification is critical, and names the entry; one that is long ago is a warning", async () => {
  expect(await check("audit-tampering")).toMatchObject({ verdict: "unknown" });
  await verifyLog(system, app.id);
  expect(await check("audit-tampering")).toMatchObject({ verdict: "good", value: 0 });
  await controlPool().query("UPDATE seal_verifications SET finished_at = now() - interval '4 days'");
  expect(await check("audit-tampering")).toMatchObject({ verdict: "warning" });
  const { rows } = await app.client.query<{ part: string }>(
    "SELECT inhrelid::regclass::text AS part FROM pg_inherits WHERE inhparent = 'caretaker.audit_logs_indexed'::regclass",
  );
  for (const { part } of rows) await app.client.query(`ALTER TABLE ${part} DISABLE TRIGGER USER`);
  const { rows: changed } = await app.client.query<{ id: string }>(
    "UPDATE caretaker.audit_logs SET user_id = 'nobody' WHERE resource_id = '7' RETURNING id::text",
  );
  await verifyLog(system, app.id);
  expect(await check("audit-tampering")).toMatchObject({
    verdict: "critical",
    value: 1,
    finding: expect.stringContaining(changed[0]?.id ?? "?"),
    evidence: { rows: [["changed", changed[0]?.id, expect.any(String)]] },
  });
});

test("a database without an audit log is unknown, and the console's own log is watched too", async () => {
  const plain = await registerDatabase(await freshDatabase());
  expect(await check("audit-sealing", plain)).toMatchObject({ verdict: "unknown" });
  expect(await check("audit-tampering", plain)).toMatchObject({ verdict: "unknown" });
  await sealLog(system, consoleDatabase);
  expect(await check("audit-sealing", consoleDatabase)).toMatchObject({ verdict: "good" });
});
