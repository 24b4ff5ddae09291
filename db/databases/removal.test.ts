import { afterAll, beforeAll, expect, test } from "vitest";
import { enterHold } from "../audit/retention/holds.ts";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { type Adopted, adoptedDatabase } from "../testing/adopted.ts";
import { freshControl } from "../testing/databases.ts";
import { type Person, person } from "../testing/people.ts";
import { registerDatabase } from "../testing/register.ts";
import { planRemoval, removeAdoption } from "./remove.ts";

let left: Adopted;
let administrator: Person;

beforeAll(async () => {
  await freshControl();
  administrator = await person("administrator", "Ada");
  left = await adoptedDatabase("CREATE TABLE orders (id integer PRIMARY KEY)");
  await left.client.query("SELECT caretaker.ensure_partitions(1); INSERT INTO orders VALUES (1), (2)");
});

afterAll(async () => {
  await left.client.end();
  await closeFleet();
  await closeControl();
});

test("the plan says from when to when entries of the log go", async () => {
  const { rows } = await left.client.query("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS today");
  const { log } = await planRemoval(administrator.actor, left.id);
  expect(log).toMatchObject({ from: rows[0]?.today, to: rows[0]?.today });
});

test("the log of a held tenant that has moved on is not removed", async () => {
  const home = await registerDatabase(left.url.replace(/[^/]+$/, "elsewhere"));
  const { rows } = await controlPool().query<{ id: string }>(
    "INSERT INTO tenants (home_database_id, key, name) VALUES ($1, 'acme', 'Acme') RETURNING id",
    [home],
  );
  await controlPool().query(
    `INSERT INTO placements (tenant_id, tier, database_id, schema, state, closed_at)
     VALUES ($1, 'database', $2, 'public', 'dropped', now())`,
    [rows[0]?.id, left.id],
  );
  await enterHold(administrator.actor, {
    ...{ kind: "tenant", person: null, rules: null, name: "Acme v. Zen", reason: "case 12/2026" },
    ...{ databaseId: home, table: null, tenant: "acme", record: null },
  });
  const { hash, problems } = await planRemoval(administrator.actor, left.id);
  expect(problems).toMatchObject([
    { subject: "caretaker.audit_logs", message: expect.stringContaining("Acme v. Zen") },
  ]);
  const removal = removeAdoption(administrator.actor, { databaseId: left.id, planHash: hash });
  await expect(removal).rejects.toMatchObject({ code: "conflict" });
  const { rowCount } = await left.client.query("SELECT FROM caretaker.audit_logs");
  expect(rowCount).toBe(2);
});
