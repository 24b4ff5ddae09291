import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decide } from "../../approvals/decide.ts";
import { propose } from "../../approvals/propose.ts";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { staffActor } from "../../mint.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { planRestoreInput, type RestorePlan } from "./contract.ts";
import { planRestore } from "./plan.ts";
import { runRestore } from "./run.ts";
import { restoring } from "./testing/restoring.ts";

let db: Adopted;
let administrator: Person;
let support: Person;
let compliance: Person;

beforeAll(async () => {
  await freshControl();
  administrator = await person("administrator", "Ada");
  support = await person("support", "Sam");
  compliance = await person("compliance", "Cy");
  db = await adoptedDatabase(
    `CREATE TABLE child (id integer PRIMARY KEY, slug text UNIQUE); CREATE TABLE flagged (id uuid PRIMARY KEY, is_deleted boolean)`,
    { flagged: { softDelete: { column: "is_deleted", kind: "boolean" } } },
  );
  await db.client.query(
    "INSERT INTO child VALUES (1); DELETE FROM child; INSERT INTO flagged VALUES (gen_random_uuid(), false)",
  );
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

const { plan, deletionOf, lastDeletion } = restoring(
  () => db,
  () => support.actor,
);

const seenBy = (who: Person, planned: RestorePlan) => planRestore(who.actor, planned.input);

async function approve(planned: RestorePlan, by: Person): Promise<void> {
  const id = await propose(support.actor, {
    verb: "records.restore",
    subject: planned.subject,
    planHash: planned.hash,
    reason: "ticket",
  });
  await decide(by.actor, { id, planHash: planned.hash, decision: "approve" });
}

describe("who may", () => {
  test("compliance sees the plan and cannot run it; without records.read there is no plan", async () => {
    const entry = await deletionOf("child", "1");
    const planned = await seenBy(compliance, await plan({ entry }));
    await expect(runRestore(compliance.actor, { plan: planned.hash })).rejects.toMatchObject({ code: "forbidden" });
    const powerless = staffActor({ staffId: support.id, name: "Sam", role: "support", only: ["audit.read"] });
    const input = planRestoreInput.parse({ database: db.id, entry });
    expect(() => planRestore(powerless, input)).toThrow("records.read");
  });

  test("support restores a hundred clean rows alone, and no more", async () => {
    await db.client.query("INSERT INTO child SELECT n FROM generate_series(1, 101) n; DELETE FROM child");
    const planned = await plan({ transaction: await lastDeletion() });
    expect(planned).toMatchObject({
      status: "clean",
      writes: 101,
      approval: expect.stringContaining("up to 100 rows"),
    });
    expect(await seenBy(administrator, planned)).toMatchObject({ approval: null });
    await expect(runRestore(support.actor, { plan: planned.hash })).rejects.toMatchObject({ code: "approval" });
    await approve(planned, administrator);
    await expect(runRestore(administrator.actor, { plan: planned.hash })).resolves.toMatchObject({ job: null });
    await db.client.query("DELETE FROM child");

    await db.client.query("INSERT INTO child SELECT n FROM generate_series(1, 100) n; DELETE FROM child");
    const few = await plan({ transaction: await lastDeletion() });
    expect(few.approval).toBeNull();
    await runRestore(support.actor, { plan: few.hash });
  });

  test("support restores with a choice once an administrator has approved that very plan", async () => {
    await db.client.query(
      "TRUNCATE child; INSERT INTO child VALUES (1, 'a'); DELETE FROM child; INSERT INTO child VALUES (2, 'a')",
    );
    const planned = await plan({ entry: await deletionOf("child", "1"), choose: { unique_clash: { do: "rename" } } });
    expect(planned).toMatchObject({ status: "clean", approval: expect.stringContaining("without any problem") });
    await expect(runRestore(support.actor, { plan: planned.hash })).rejects.toMatchObject({
      code: "approval",
      fix: expect.stringContaining("(administrator)"),
    });
    await expect(approve(planned, compliance)).rejects.toMatchObject({ code: "forbidden" });
    await approve(planned, administrator);
    await runRestore(support.actor, { plan: planned.hash });
    expect((await db.client.query("SELECT slug FROM child WHERE id = 1")).rows).toEqual([{ slug: "a-restored" }]);
    await expect(runRestore(support.actor, { plan: planned.hash })).rejects.toMatchObject({ code: "approval" });
  });
});

test.each([
  ["an entry that is no deletion", async () => ({ entry: await createdFlag() }), "invalid"],
  ["an entry that nobody has", async () => ({ entry: "9999999999999999999" }), "not_found"],
  ["an entry that the log does not have", async () => ({ entry: "1" }), "not_found"],
  ["a key that is none", async () => ({ schema: "public", table: "flagged", record: "no uuid" }), "not_found"],
  [
    "a row that is not there",
    async () => ({ schema: "public", table: "flagged", record: crypto.randomUUID() }),
    "not_found",
  ],
  ["a table that marks nothing", async () => ({ schema: "public", table: "child", record: "1" }), "invalid"],
  ["a transaction that deleted nothing", async () => ({ transaction: "3" }), "not_found"],
  ["a filter that finds nothing", async () => ({ q: "table:nothing" }), "not_found"],
  ["a restore that nobody made", async () => ({ undo: crypto.randomUUID() }), "not_found"],
] as const)("%s is refused in words", async (_what, from, code) => {
  await expect(plan(await from())).rejects.toMatchObject({ code });
});

test("what a restore starts from is one thing", () => {
  const database = crypto.randomUUID();
  const faults = [
    {},
    { entry: "1", transaction: "2" },
    { schema: "public", table: "child" },
    { version: "1" },
    { row: [] },
    { row: ["child:1"] },
  ];
  for (const from of faults)
    expect(planRestoreInput.safeParse({ database, ...from }).success, JSON.stringify(from)).toBe(false);
});

async function createdFlag(): Promise<string> {
  const { rows } = await db.client.query<{ id: string }>(
    "SELECT id::text AS id FROM caretaker.audit_logs WHERE action = 'create' AND resource_type = 'flagged'",
  );
  return rows[0]?.id ?? "";
}
