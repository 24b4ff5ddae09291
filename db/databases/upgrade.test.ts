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
    "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'caretaker.audit_logs_indexed'::regclass ORDER BY 1",
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

test("a log of before there were two stages becomes one of them, as it is", async () => {
  const { url, databaseId } = await foreignDatabase("CREATE TABLE notes (id integer PRIMARY KEY, body text)");
  await adopt(administrator, databaseId);
  await query(
    url,
    `DROP TABLE caretaker.audit_logs_staged;
     ALTER TABLE caretaker.audit_logs DETACH PARTITION caretaker.audit_logs_indexed;
     DROP TABLE caretaker.audit_logs;
     ALTER TABLE caretaker.audit_logs_indexed DROP COLUMN staged;
     ALTER TABLE caretaker.audit_logs_indexed RENAME TO audit_logs;
     DROP FUNCTION caretaker.index_staged;
     UPDATE caretaker.installed SET version = 11 WHERE version = (SELECT max(version) FROM caretaker.installed);
     GRANT SELECT ON caretaker.audit_logs TO PUBLIC;
     INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action, resource_id)
     SELECT now(), n, '9', 'login', n::text FROM generate_series(1, 100) AS n`,
  );
  const entries = () =>
    query(url, "SELECT to_jsonb(audit_logs) - 'staged' AS entry FROM caretaker.audit_logs ORDER BY created_at, id");
  const before = await entries();

  const plan = await planAdoption(administrator, databaseId);
  expect(plan.units.map(({ name }) => name)).toEqual([
    "column staged of caretaker.audit_logs",
    "check of caretaker.audit_logs",
    "schema caretaker",
  ]);
  await applyAdoption(administrator, { databaseId, planHash: plan.hash });
  expect(await entries()).toEqual(before);
  expect(await query(url, "SELECT has_table_privilege('public', 'caretaker.audit_logs', 'SELECT') AS reads")).toEqual([
    { reads: true },
  ]);
  expect((await planAdoption(administrator, databaseId)).statements).toEqual([]);

  await query(url, "INSERT INTO notes VALUES (1, 'before'); UPDATE notes SET body = 'after'");
  const written = await query(
    url,
    "SELECT action, staged FROM caretaker.audit_logs WHERE resource_type = 'notes' ORDER BY created_at, id",
  );
  expect(written).toEqual([
    { action: "create", staged: false },
    { action: "update", staged: true },
  ]);
});
