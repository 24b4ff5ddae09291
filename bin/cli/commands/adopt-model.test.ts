import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "#db/actor.ts";
import { closeControl } from "#db/control.ts";
import { classifyColumns } from "#db/databases/coverage/classify-columns.ts";
import { modelToEdit } from "#db/databases/merge-model.ts";
import { planAdoption } from "#db/databases/plan.ts";
import { adopt, foreignDatabase } from "#db/databases/testing/fleet.ts";
import { closeFleet } from "#db/fleet.ts";
import { freshControl } from "#db/testing/databases.ts";
import { person } from "#db/testing/people.ts";
import { adoptModel } from "./adopt-model.ts";

let administrator: Actor;
let databaseId: string;

const ddl = `
  CREATE TABLE tenants (id int PRIMARY KEY, name text);
  CREATE TABLE notes (id int PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenants, body text, deleted_at timestamptz);`;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
  const { databaseId: id, role } = await foreignDatabase(ddl);
  databaseId = id;
  await adopt(administrator, databaseId, (model) => ({
    ...model,
    applicationRole: role,
    tables: model.tables.map((table) =>
      table.name === "notes"
        ? { ...table, maskedColumns: ["body"], rowSecurity: true, activeView: true, archive: true, graceDays: 7 }
        : table,
    ),
  }));
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

function run(options: Record<string, unknown>) {
  return adoptModel.run(administrator, { positionals: [databaseId], options });
}

async function notes() {
  const { tables } = await modelToEdit(administrator, databaseId);
  return tables.find(({ name }) => name === "notes");
}

test("confirming what the command shows keeps everything that was confirmed; only --anew proposes afresh", async () => {
  await run({ confirm: true });
  expect((await planAdoption(administrator, databaseId)).statements).toEqual([]);
  expect(await notes()).toMatchObject({ maskedColumns: ["body"], rowSecurity: true, archive: true, graceDays: 7 });
  const { json } = await run({ anew: true });
  expect(json).toMatchObject({
    tables: expect.arrayContaining([expect.objectContaining({ name: "notes", maskedColumns: [], rowSecurity: false })]),
  });
});

test("a file that was saved before somebody else changed the model is refused, and the change stays", async () => {
  const file = join(await mkdtemp(join(tmpdir(), "model-")), "model.json");
  await writeFile(file, JSON.stringify((await run({})).json));
  const column = { schema: "public", table: "tenants", column: "name", class: "secret" as const };
  await classifyColumns(administrator, { databaseId, columns: [column] });
  await expect(run({ file, confirm: true })).rejects.toMatchObject({ code: "conflict" });
  const { tables } = await modelToEdit(administrator, databaseId);
  expect(tables.find(({ name }) => name === "tenants")?.maskedColumns).toEqual(["name"]);
  await writeFile(file, JSON.stringify((await run({})).json));
  await run({ file, confirm: true });
});
