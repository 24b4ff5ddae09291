import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { applyAdoption } from "./apply.ts";
import { confirmModel } from "./confirm.ts";
import { databaseModel } from "./contract.ts";
import { modelToEdit } from "./merge-model.ts";
import { planAdoption } from "./plan.ts";
import { adoptionStatus } from "./status.ts";
import { adopt, foreignDatabase, query } from "./testing/fleet.ts";

let administrator: Actor;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

function entries(url: string, table: string) {
  return query<{ action: string; resource_id: string; tenant_id: string | null; state: unknown; changes: unknown }>(
    url,
    `SELECT action, resource_id, tenant_id, coalesce(new_values, old_values) AS state, changes
       FROM caretaker.audit_logs WHERE resource_type = $1 ORDER BY created_at, id`,
    [table],
  );
}

test("a generated column can be the key and the tenant of a table, and is in no state", async () => {
  const { url, databaseId } = await foreignDatabase(`
    CREATE TABLE tenants (id text PRIMARY KEY, name text);
    CREATE TABLE parts (
      code text NOT NULL, note text, notes jsonb,
      id text GENERATED ALWAYS AS (lower(code)) STORED PRIMARY KEY,
      tenant_id text GENERATED ALWAYS AS (split_part(code, '-', 1)) STORED NOT NULL REFERENCES tenants
    );
    CREATE TABLE plain (LIKE parts INCLUDING ALL, FOREIGN KEY (tenant_id) REFERENCES tenants);
    ALTER TABLE plain DROP COLUMN notes;
    INSERT INTO tenants VALUES ('A', 'One'), ('B', 'Two');`);
  await adopt(administrator, databaseId);
  for (const table of ["parts", "plain"]) {
    await query(url, `INSERT INTO ${table} (code, note) VALUES ('A-1', 'x'), ('B-1', 'y')`);
    await query(url, `UPDATE ${table} SET note = 'z' WHERE code = 'A-1'`);
    await query(url, `UPDATE ${table} SET note = note || '!'`);
    await query(url, `UPDATE ${table} SET code = 'A-2' WHERE code = 'A-1'`);
    await query(url, `DELETE FROM ${table} WHERE code = 'B-1'`);
    const all = await entries(url, table);
    const told = all.map((one) => [one.action, one.resource_id, one.tenant_id]);
    expect([...told.slice(0, 3), ...told.slice(3, 5).sort(), ...told.slice(5)]).toEqual([
      ["create", "a-1", "A"],
      ["create", "b-1", "B"],
      ["update", "a-1", "A"],
      ["update", "a-1", "A"],
      ["update", "b-1", "B"],
      ["update", "a-1", "A"],
      ["delete", "b-1", "B"],
    ]);
    expect(JSON.stringify(all.map(({ state }) => state))).not.toMatch(/"(id|tenant_id)":/);
    expect(all[2]?.changes).toEqual({ note: "z" });
    expect(all[5]?.changes).toEqual({ code: "A-2" });
  }
  expect((await planAdoption(administrator, databaseId)).statements).toEqual([]);
});

test("a child whose way to its tenant was renamed is named, and the model proposes the new way", async () => {
  const { url, databaseId } = await foreignDatabase(`
    CREATE TABLE tenants (id int PRIMARY KEY, name text);
    CREATE TABLE orders (id int PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenants);
    CREATE TABLE lines (id int PRIMARY KEY, order_id int NOT NULL REFERENCES orders, note text);
    CREATE TABLE marks (id int PRIMARY KEY, line_id int NOT NULL REFERENCES lines, note text);
    INSERT INTO tenants VALUES (1, 'One');
    INSERT INTO orders VALUES (10, 1)`);
  await adopt(administrator, databaseId);
  await query(url, "ALTER TABLE lines RENAME order_id TO purchase_id");
  const { drift } = await adoptionStatus(administrator, databaseId);
  const named = drift.filter(({ what }) => what.includes("lines.order_id")).map(({ table }) => table);
  expect(named.sort()).toEqual(["public.lines", "public.marks"]);

  const model = databaseModel.parse(await modelToEdit(administrator, databaseId));
  expect(model.tables.find(({ name }) => name === "lines")?.tenantPath[0]?.columns).toEqual(["purchase_id"]);
  await confirmModel(administrator, { databaseId, model });
  await applyAdoption(administrator, { databaseId, planHash: (await planAdoption(administrator, databaseId)).hash });
  await query(url, "INSERT INTO lines VALUES (100, 10, 'x'); INSERT INTO marks VALUES (1, 100, 'y')");
  expect((await entries(url, "lines")).map((one) => one.tenant_id)).toEqual(["1"]);
  expect((await entries(url, "marks")).map((one) => one.tenant_id)).toEqual(["1"]);
  expect((await adoptionStatus(administrator, databaseId)).drift).toEqual([]);
});
