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

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

test("an index that an older log lacks is made month by month, each for itself, and the whole log's takes these over", async () => {
  const { url, databaseId } = await foreignDatabase("CREATE TABLE notes (id integer PRIMARY KEY, body text)");
  await adopt(administrator, databaseId);
  const partitions = await query<{ name: string }>(
    url,
    "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'caretaker.audit_logs'::regclass ORDER BY 1",
  );
  await query(
    url,
    `DROP INDEX caretaker.audit_logs_impersonator_idx;
     UPDATE caretaker.installed SET version = version - 1 WHERE version = (SELECT max(version) FROM caretaker.installed)`,
  );

  const plan = await planAdoption(administrator, databaseId);
  const names = partitions.map(({ name }) => `${name}_impersonator_idx`);
  expect(plan.units.map(({ name }) => name)).toEqual([...names.map((name) => `index ${name}`), "schema caretaker"]);
  expect(plan.statements[0]?.lock).toMatch(/^SHARE on caretaker\.audit_logs_\w+ while its entries are read/);
  await applyAdoption(administrator, { databaseId, planHash: plan.hash });

  const made = await query<{ name: string; valid: boolean }>(
    url,
    `SELECT i.indexrelid::regclass::text AS name, i.indisvalid AS valid
       FROM pg_index i
      WHERE pg_get_indexdef(i.indexrelid) LIKE '%impersonator%'
      ORDER BY 1`,
  );
  expect(made).toEqual(
    ["caretaker.audit_logs_impersonator_idx", ...names].toSorted().map((name) => ({ name, valid: true })),
  );
  expect((await planAdoption(administrator, databaseId)).statements).toEqual([]);
});
