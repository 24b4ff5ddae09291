import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { systemActor } from "../../mint.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { policyChange } from "./contract.ts";
import { policiesIn } from "./inherited.ts";
import { purgeSchedules } from "./jobs.ts";
import { keptDays } from "./kept-days.ts";
import { attempt } from "./purge/attempts.ts";
import { planPolicy } from "./set-policy.ts";
import { policy, run } from "./testing/purging.ts";

const system = systemActor("inherited test");
const users = "id int PRIMARY KEY, tenant text, deleted_at timestamptz";
const marked = {
  class: "tenant",
  tenantColumn: "tenant",
  softDelete: { column: "deleted_at", kind: "timestamp" },
} as const;

/** Tenants of its shared tables, and acme in a schema of its own beside them. */
let home: Adopted;
/** Zen lives there, in a database of its own. */
let apart: Adopted;

beforeAll(async () => {
  await freshControl();
  home = await adoptedDatabase(
    `CREATE TABLE users (${users}); CREATE SCHEMA t_acme; CREATE TABLE t_acme.users (${users})`,
    { users: marked },
    { tenantsTable: { schema: "public", table: "tenants", key: "id", name: "name", slug: null } },
  );
  apart = await adoptedDatabase(`CREATE TABLE users (${users})`, { users: marked });
  await lives("acme", "schema", home.id, "t_acme");
  await lives("zen", "database", apart.id, "public");
});

afterAll(async () => {
  for (const { client } of [home, apart]) await client.end();
  await closeFleet();
  await closeControl();
});

async function lives(tenant: string, tier: string, databaseId: string, schema: string): Promise<void> {
  await controlPool().query(
    `WITH tenant AS (INSERT INTO tenants (home_database_id, key, name) VALUES ($1, $2, $2) RETURNING id)
     INSERT INTO placements (tenant_id, tier, database_id, schema, state) SELECT id, $3, $4, $5, 'open' FROM tenant`,
    [home.id, tenant, tier, databaseId, schema],
  );
}

async function fill(): Promise<void> {
  for (const [client, table] of [
    [home.client, "public.users"],
    [home.client, "t_acme.users"],
    [apart.client, "public.users"],
  ] as const) {
    await client.query(`TRUNCATE ${table}`);
    await client.query(
      `INSERT INTO ${table} SELECT i, 'acme', now() - make_interval(days => i) FROM generate_series(20, 40, 5) AS i`,
    );
  }
}

async function left({ id, client }: Adopted, table: string): Promise<number> {
  await run(system, id);
  return (await client.query(`SELECT count(*)::int AS n FROM ${table}`)).rows[0].n;
}

test("a policy of a shared table speaks of the same table at its tenants' own places, in this database and in others", async () => {
  await fill();
  const { simulation, tenantsElsewhere } = await planPolicy(
    system,
    policyChange.parse({ databaseId: home.id, table: "public.users", deletion: "soft", graceDays: 30 }),
  );
  expect(tenantsElsewhere).toBe(1);
  expect([...new Set(simulation.days.map(({ table }) => table))].toSorted()).toEqual(["public.users", "t_acme.users"]);
  const id = await policy(home.id, "users");
  expect(await policiesIn(apart.id)).toMatchObject([
    { id, schema: "public", name: "users", tenant: null, as: { table: "public.users", tenant: null } },
  ]);
  expect((await keptDays(apart.id))({ schema: "public", table: "users", tenant: "zen" })).toBe(30);
  const [daily] = purgeSchedules;
  const due = daily && "enqueue" in daily ? await daily.enqueue(() => {}) : [];
  expect(due.map(({ input }) => input.databaseId).toSorted()).toEqual([home.id, apart.id].toSorted());
  expect(await left(home, "t_acme.users")).toBe(2);
  expect(await left(apart, "users")).toBe(2);
});

test("the tenant's policy holds before the table's wherever it lives, and the place's own before both", async () => {
  await fill();
  const never = await policy(home.id, "users", { tenant: "zen", deletion: "never" });
  expect(await policiesIn(apart.id)).toMatchObject([{ id: never, as: { tenant: "zen" } }]);
  expect(await left(apart, "users")).toBe(5);
  await policy(apart.id, "users", { graceDays: 22 });
  expect(await policiesIn(apart.id)).toMatchObject([{ graceDays: 22 }]);
  expect(await left(apart, "users")).toBe(1);
});

test("a policy that is switched off where it was set ends a purge at another place, and a place that was left is not purged", async () => {
  await fill();
  const [by] = (await policiesIn(home.id)).filter(({ schema }) => schema === "t_acme");
  const batch = {
    id: crypto.randomUUID(),
    runId: crypto.randomUUID(),
    databaseId: home.id,
    schema: "t_acme",
    table: "users",
    planned: 1,
  };
  await controlPool().query("UPDATE purge_policies SET on_at = NULL WHERE id = $1", [by?.id]);
  await expect(attempt(system, batch, by ? [by] : [])).rejects.toMatchObject({ code: "stale_plan" });
  await controlPool().query("UPDATE purge_policies SET on_at = now() WHERE id = $1", [by?.id]);
  await controlPool().query("UPDATE placements SET state = 'moved' WHERE schema = 't_acme'");
  expect(await left(home, "t_acme.users")).toBe(5);
});
