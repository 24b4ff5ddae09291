import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl, testServer } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { applyAdoption } from "./apply.ts";
import { confirmModel } from "./confirm.ts";
import { shutOutProblems } from "./plan/shut-out.ts";
import { planAdoption } from "./plan.ts";
import { proposeModel } from "./propose.ts";
import { foreignDatabase, query } from "./testing/fleet.ts";

const schema = `
  CREATE TABLE tenants (id bigint PRIMARY KEY, name text NOT NULL);
  CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenants, total numeric);
  CREATE TABLE invoices (id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenants, total numeric);
  INSERT INTO tenants VALUES (1, 'Acme'), (2, 'Blue');
  INSERT INTO orders VALUES (1, 1, 10), (2, 2, 20);
  INSERT INTO invoices VALUES (1, 1, 10), (2, 2, 20);`;

let administrator: Actor;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

/** A confirmed database with row security asked for, and a way to make further roles beside its application's. */
async function secured() {
  const { url, role, databaseId } = await foreignDatabase(schema);
  const { evidence: _e, tenantsCandidates: _t, roles: _r, ...proposed } = await proposeModel(administrator, databaseId);
  const tables = proposed.tables.map((table) => ({ ...table, rowSecurity: table.tenantColumn === "tenant_id" }));
  await confirmModel(administrator, { databaseId, model: { ...proposed, applicationRole: role, tables } });
  const tag = randomUUID().slice(0, 8);
  const password = testServer().password || "none";
  const make = async (called: string, attributes = "LOGIN"): Promise<{ name: string; url: string }> => {
    const name = `${called}_${tag}`;
    await query(url, `CREATE ROLE ${name} ${attributes} PASSWORD ${pg.escapeLiteral(password)}`);
    const own = new URL(url);
    own.username = name;
    own.password = password;
    return { name, url: own.href };
  };
  /** What the plan says of the roles of this test: the server has those of others too. */
  const warnings = async () => {
    const { problems } = await planAdoption(administrator, databaseId);
    return problems.filter(({ message }) => message.includes(`_${tag} has privileges on`));
  };
  return { url, databaseId, application: role, make, warnings };
}

test("a plan names the roles that will find no row, and each way offered lets them read again", async () => {
  const { url, databaseId, application, make, warnings } = await secured();
  const reporting = await make("reporting");
  await query(url, `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${reporting.name}`);
  const read = () => query(reporting.url, "SELECT id FROM orders");

  const plan = await planAdoption(administrator, databaseId);
  expect(await warnings()).toEqual([
    expect.objectContaining({
      severity: "warning",
      message: expect.stringContaining(`${reporting.name} has privileges on 2 of the tables to be secured`),
      fix: expect.stringContaining(`ALTER ROLE "${reporting.name}" BYPASSRLS;`),
    }),
  ]);
  expect(await read()).toHaveLength(2);
  await applyAdoption(administrator, { databaseId, planHash: plan.hash });
  expect(await read()).toHaveLength(0);
  expect(await warnings()).toHaveLength(1);

  await query(url, `CREATE POLICY reports ON orders FOR SELECT TO ${reporting.name} USING (true)`);
  expect(await read()).toHaveLength(2);
  const { problems } = await planAdoption(administrator, databaseId);
  expect((await warnings())[0]?.message).toContain("on the table public.invoices to be secured");
  expect(problems.filter(({ message }) => message.includes("already has the policies"))).toEqual([]);

  await query(url, `DROP POLICY reports ON orders; ALTER ROLE ${reporting.name} BYPASSRLS`);
  expect(await read()).toHaveLength(2);
  expect(await warnings()).toEqual([]);

  await query(url, `ALTER ROLE ${reporting.name} NOBYPASSRLS; GRANT ${application} TO ${reporting.name}`);
  const forBlue = new URL(reporting.url);
  forBlue.searchParams.set("options", "-c app.current_tenant_id=2");
  expect(await query(forBlue.href, "SELECT id FROM orders")).toEqual([{ id: "2" }]);
  expect(await warnings()).toEqual([]);
});

test("whoever has no privilege, bypasses row security or belongs to a role with a policy is not named", async () => {
  const { url, application, make, warnings } = await secured();
  const grant = (name: string) => query(url, `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${name}`);
  const owner = await make("owner");
  for (const table of ["tenants", "orders", "invoices"])
    await query(url, `ALTER TABLE ${table} OWNER TO ${owner.name}`);
  await make("stranger");
  for (const one of [await make("backup", "LOGIN BYPASSRLS"), await make("root", "LOGIN SUPERUSER")])
    await grant(one.name);
  const migrator = await make("migrator");
  const twin = await make("twin");
  await query(url, `GRANT ${owner.name} TO ${migrator.name}; GRANT ${application} TO ${twin.name}`);
  await grant(twin.name);
  expect(await warnings()).toEqual([]);
});

test("roles are found by a column's privilege, by pg_read_all_data, and where they are taken by SET ROLE alone", async () => {
  const { url, make, warnings } = await secured();
  const analyst = await make("analyst");
  await query(url, `GRANT SELECT (total) ON invoices TO ${analyst.name}`);
  const dumper = await make("dumper");
  await query(url, `GRANT pg_read_all_data TO ${dumper.name}`);
  const readers = await make("readers", "NOLOGIN");
  const member = await make("member", "LOGIN NOINHERIT");
  await query(url, `GRANT SELECT ON orders TO ${readers.name}; GRANT ${readers.name} TO ${member.name}`);
  const named = (await warnings()).map(({ message }) => message.split(" to be secured")[0]);
  expect(named).toEqual([
    `${analyst.name} has privileges on the table public.invoices`,
    `${dumper.name} has privileges on 2 of the tables`,
    `${readers.name} has privileges on the table public.orders`,
  ]);
});

test("of many roles the first are named, and the others counted", () => {
  const shutOut = Array.from({ length: 33 }, (_, n) => ({ role: `role_${n}`, tables: ["public.orders"] }));
  const problems = shutOutProblems("shop", shutOut, "app");
  expect(problems).toHaveLength(31);
  expect(problems.at(-1)?.message).toBe("So it is with 3 more roles.");
});
