import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { decide } from "../../approvals/decide.ts";
import { propose } from "../../approvals/propose.ts";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { auditedSince, newestEntry } from "../../testing/audit.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { lastCheckpoint } from "./checkpoints.ts";
import { epochSubject } from "./contract.ts";
import { beginEpoch } from "./epoch.ts";
import { planEpoch } from "./epoch-plan.ts";
import { sealLog } from "./seal.ts";
import { verifyLog } from "./verify-log.ts";

let admin: Person;
let officer: Person;
let app: Adopted;

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  officer = await person("compliance", "Bo");
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

beforeEach(async () => {
  app = await adoptedDatabase("CREATE TABLE notes (id bigint PRIMARY KEY, body text)");
  await write(1, 600);
  await seal();
  return () => app.client.end();
});

const seal = () => sealLog(admin.actor, app.id, { seconds: 0 });
const verify = (published: string[] = []) => verifyLog(admin.actor, app.id, { published });
const write = (from: number, to: number) =>
  app.client.query("INSERT INTO notes SELECT n, 'note ' || n FROM generate_series($1::int, $2::int) n", [from, to]);

async function entries(): Promise<string[]> {
  const { rows } = await app.client.query<{ id: string }>(
    "SELECT id::text FROM caretaker.audit_logs ORDER BY transaction_id, audit_logs.id",
  );
  return rows.map(({ id }) => id);
}

/** As the owner of the database would. */
async function remove(ids: readonly string[]): Promise<void> {
  const { rows } = await app.client.query<{ part: string }>(
    "SELECT inhrelid::regclass::text AS part FROM pg_inherits WHERE inhparent = 'caretaker.audit_logs_indexed'::regclass",
  );
  for (const { part } of rows) await app.client.query(`ALTER TABLE ${part} DISABLE TRIGGER USER`);
  await app.client.query("DELETE FROM caretaker.audit_logs WHERE id = ANY ($1)", [ids]);
}

/** The database as a backup has it: without its newest entries, and with transactions that have gone back. */
async function putBack(from: number, ...inFlight: number[]): Promise<void> {
  const ids = await entries();
  await remove([...ids.slice(from), ...inFlight.map((at) => ids[at] ?? "")]);
  await controlPool().query("UPDATE sealed_logs SET sealed_to = '4000000000' WHERE database_id = $1", [app.id]);
  await expect(seal()).rejects.toMatchObject({ code: "conflict" });
}

/** Two people agree to let it go on. */
async function goOn() {
  const plan = await planEpoch(admin.actor, { databaseId: app.id });
  const [subject, planHash, reason] = [epochSubject(plan), plan.hash, "Restored after the disk failed"];
  const approvalId = await propose(admin.actor, { verb: "audit.begin_epoch", subject, planHash, reason });
  await decide(officer.actor, { id: approvalId, planHash, decision: "approve" });
  return beginEpoch(admin.actor, { databaseId: app.id, planHash, approvalId, typed: subject, reason });
}

test("a log that was put back goes on after the last entry that is there, and what is gone is counted and no finding", async () => {
  const published = (await lastCheckpoint(controlPool(), app.id))?.note ?? "";
  await putBack(550, 545);
  await write(1_001, 1_010);
  expect(await verify()).toMatchObject({ verdict: "bad" });
  const from = await newestEntry();
  expect(await goOn()).toEqual({ lost: 51 });
  expect(await auditedSince(from)).toContainEqual(
    expect.objectContaining({ action: "seal-epoch", table: "sealed_logs", by: admin.id }),
  );
  expect(await seal()).toEqual({ sealed: 10 });
  expect(await verify([published])).toMatchObject({
    verdict: "good",
    size: 610,
    entries: 559,
    lost: 51,
    findings: [],
  });
});

test("entries of transactions that had been sealed before are sealed again, and none twice", async () => {
  await putBack(550);
  const [last] = (await entries()).slice(-1);
  await app.client.query(
    `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action, resource_type)
     SELECT clock_timestamp(), id + (1::bigint << 40) + n, transaction_id, 'delete', 'notes'
       FROM caretaker.audit_logs, generate_series(1, 5) AS n WHERE id = $1`,
    [last],
  );
  await goOn();
  expect(await seal()).toEqual({ sealed: 5 });
  expect(await seal()).toEqual({ sealed: 0 });
  expect(await verify()).toMatchObject({ verdict: "good", size: 605, entries: 555, lost: 50 });
});

test("what somebody takes out afterwards is found, before the place where it goes on and after", async () => {
  await putBack(550);
  await write(1_001, 1_010);
  await goOn();
  await seal();
  const ids = await entries();
  for (const id of [ids[100] ?? "", ids[555] ?? ""]) await remove([id]);
  const { verdict, findings } = await verify();
  expect(verdict).toBe("bad");
  expect(findings.map(({ kind, entry }) => [kind, entry])).toEqual([
    ["vanished", ids[100]],
    ["vanished", ids[555]],
  ]);
});

test("a database that is put back a second time goes on again", async () => {
  await putBack(550);
  await write(1_001, 1_030);
  await goOn();
  await seal();
  await putBack(500);
  await write(2_001, 2_005);
  expect(await goOn()).toEqual({ lost: 130 });
  await seal();
  expect(await verify()).toMatchObject({ verdict: "good", size: 635, entries: 505, lost: 130 });
});

test("it takes a stopped log, the plan as it stands, and a second person", async () => {
  await expect(planEpoch(admin.actor, { databaseId: app.id })).rejects.toMatchObject({ code: "conflict" });
  await putBack(550);
  const support = await person("support");
  await expect(planEpoch(support.actor, { databaseId: app.id })).rejects.toMatchObject({ code: "forbidden" });
  const plan = await planEpoch(admin.actor, { databaseId: app.id });
  const given = { databaseId: app.id, planHash: plan.hash, typed: epochSubject(plan), reason: "Restored" };
  await expect(beginEpoch(admin.actor, { ...given, planHash: "other" })).rejects.toMatchObject({ code: "stale_plan" });
  await expect(beginEpoch(admin.actor, given)).rejects.toMatchObject({ code: "approval" });
  expect(await seal()).toEqual({ sealed: 0 });
});
