import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { applyAdoption } from "./apply.ts";
import { planAdoption } from "./plan.ts";
import { adopt, foreignDatabase, query } from "./testing/fleet.ts";

let administrator: Actor;
let database: { url: string; databaseId: string; role: string };

// A table for each type of key; "Tenant Kind" must be quoted wherever it is printed.
const types = {
  small: "smallint",
  whole: "integer",
  big: "bigint",
  word: "text",
  short: "varchar(36)",
  open: "varchar",
  padded: "char(8)",
  fold: "public.citext",
  named: 'public."Tenant Kind"',
  ident: "uuid",
  exactly: "numeric",
};
const tables = Object.entries(types).map(
  ([name, type]) => `CREATE TABLE t_${name} (id int PRIMARY KEY, tenant_id ${type} NOT NULL)`,
);

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
  const ddl = ["CREATE EXTENSION citext", `CREATE DOMAIN "Tenant Kind" AS varchar(36) CHECK (VALUE <> '')`, ...tables];
  database = await foreignDatabase(ddl.join(";\n"));
  await adopt(administrator, database.databaseId, (model) => ({
    ...model,
    applicationRole: database.role,
    tables: model.tables.map((table) => ({
      ...table,
      ...{ class: "tenant", tenantColumn: "tenant_id", rowSecurity: true },
    })),
  }));
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

test("row security stands once it was applied, whatever the type of the tenant's key", async () => {
  const { statements, drift, secured } = await planAdoption(administrator, database.databaseId);
  expect({ secured, drift, sql: statements.map(({ sql }) => sql) }).toEqual({
    secured: tables.length,
    drift: [],
    sql: [],
  });
});

test.each([
  ["a staff policy that is everybody's", "ALTER POLICY caretaker_staff ON t_word TO PUBLIC"],
  ["a check that lets every row in", "ALTER POLICY caretaker_tenant ON t_word WITH CHECK (true)"],
  [
    "a rule that has one more case",
    "ALTER POLICY caretaker_tenant ON t_word USING (tenant_id = current_setting('a.b') OR id > 5)",
  ],
  ["a policy for more roles", "ALTER POLICY caretaker_tenant ON t_word TO PUBLIC"],
  ["a policy that is gone", "DROP POLICY caretaker_staff ON t_word"],
  ["row security that is not forced", "ALTER TABLE t_word NO FORCE ROW LEVEL SECURITY"],
])("%s is drift that names the table, and the plan puts it back", async (_, loosened) => {
  const { url, databaseId } = database;
  await query(url, loosened);
  const { drift, units, hash } = await planAdoption(administrator, databaseId);
  expect(drift).toEqual([expect.objectContaining({ table: "public.t_word", fix: "Apply the plan again." })]);
  expect(units.map(({ name }) => name)).toEqual(["row security of public.t_word"]);
  await applyAdoption(administrator, { databaseId, planHash: hash });
  expect((await planAdoption(administrator, databaseId)).statements).toEqual([]);
});
