import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet, inDatabase } from "../../fleet.ts";
import { archiveStatements } from "../../managed/archive.ts";
import { readTables } from "../../managed/read-tables.ts";
import { systemActor } from "../../mint.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import { placeHoldSchema } from "../holds/contract.ts";
import { placeHold } from "../holds/place.ts";
import { eraseCopies, expireArchives } from "./archives.ts";

const worker = systemActor("worker");
let db: Adopted;

beforeAll(async () => {
  await freshControl();
  db = await adoptedDatabase("CREATE TABLE notes (id int PRIMARY KEY, tenant text)", {
    notes: {
      class: "tenant",
      tenantColumn: "tenant",
      tenant: { kind: "column", column: "tenant" },
      archive: true,
      graceDays: 10,
    },
  });
  const [table] = await readTables(db.client, "public");
  if (!table) throw new Error("There is no table.");
  const captured = { ...table, tenant: { kind: "column" as const, column: "tenant" }, masked: [], ignored: [] };
  for (const { sql } of archiveStatements(captured)) await db.client.query(sql);
  await db.client.query(
    "INSERT INTO notes SELECT n, CASE WHEN n < 4 THEN 'acme' ELSE 'zen' END FROM generate_series(1, 6) n; DELETE FROM notes",
  );
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

async function left(): Promise<string[]> {
  const { rows } = await db.client.query<{ record: string }>(
    "SELECT record FROM caretaker.deleted_notes_archive ORDER BY 1",
  );
  return rows.map(({ record }) => record);
}

test("copies go after the days that the model says, and when a record is erased; never those that a hold keeps", async () => {
  const { actor } = await person("administrator");
  const hold = { name: "acme", kind: "tenant", databaseId: db.id, tenant: "acme", reason: "x" };
  await placeHold(actor, placeHoldSchema.parse(hold));
  expect(await expireArchives(worker, db.id)).toEqual({ removed: 0 });
  await db.client.query(
    "UPDATE caretaker.deleted_notes_archive SET deleted_at = now() - interval '11 days' WHERE record IN ('1', '4')",
  );
  expect(await expireArchives(worker, db.id)).toEqual({ removed: 1 });
  expect(await left()).toEqual(["1", "2", "3", "5", "6"]);
  const erased = inDatabase(worker, db.id, (client) =>
    eraseCopies(client, { schema: "public", name: "notes" }, ["2", "5", "7"]),
  );
  expect(await erased).toBe(1);
  expect(await left()).toEqual(["1", "2", "3", "6"]);
});
