import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { staffActor } from "../../mint.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import { planRestore } from "./plan.ts";
import { runRestore } from "./run.ts";

let db: Adopted;
let support: Awaited<ReturnType<typeof person>>;

beforeAll(async () => {
  await freshControl();
  support = await person("support", "Sam");
  db = await adoptedDatabase(
    "CREATE TABLE child (id integer PRIMARY KEY); CREATE TABLE flagged (id uuid PRIMARY KEY, is_deleted boolean)",
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

async function entryOf(action: string, table: string): Promise<string> {
  const { rows } = await db.client.query<{ id: string }>(
    "SELECT id::text AS id FROM caretaker.audit_logs WHERE action = $1 AND resource_type = $2",
    [action, table],
  );
  return rows[0]?.id ?? "";
}

describe("who may", () => {
  test("compliance sees the plan and cannot run it; without records.read there is no plan", async () => {
    const entry = await entryOf("delete", "child");
    const compliance = await person("compliance");
    const planned = await planRestore(compliance.actor, { database: db.id, entry, choices: {} });
    const input = { database: db.id, entry, choices: {}, planHash: planned.hash, reason: "no" };
    await expect(runRestore(compliance.actor, input)).rejects.toMatchObject({ code: "forbidden" });
    const powerless = staffActor({ staffId: support.id, name: "Sam", role: "support", only: ["audit.read"] });
    await expect(planRestore(powerless, input)).rejects.toMatchObject({ code: "forbidden" });
  });

  test.each([
    ["an entry that is no deletion", async () => ({ entry: await entryOf("create", "flagged") }), "invalid"],
    ["an entry that nobody has", async () => ({ entry: "9999999999999999999" }), "not_found"],
    ["a key that is none", async () => ({ schema: "public", table: "flagged", record: "no uuid" }), "not_found"],
    ["a table that marks nothing", async () => ({ schema: "public", table: "child", record: "1" }), "invalid"],
  ] as const)("%s is refused in words", async (_what, target, code) => {
    const input = { database: db.id, choices: {}, ...(await target()) };
    await expect(planRestore(support.actor, input)).rejects.toMatchObject({ code });
  });
});
