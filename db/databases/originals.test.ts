import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { schemaDump, schemaState } from "../testing/schema-state.ts";
import { planRemoval, removeAdoption } from "./remove.ts";
import { adoptionStatus } from "./status.ts";
import { syncTenants } from "./sync-tenants.ts";
import { adopt, foreignDatabase, query, schemaText } from "./testing/fleet.ts";

// Two schemas that nobody here wrote: Pagila's schema file, and documenso's Prisma migrations. They are read where
// CARETAKER_PAGILA_SQL and CARETAKER_DOCUMENSO_MIGRATIONS point at copies; else our own with the same traits stand in.

let administrator: Actor;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

async function rentalStore(): Promise<string> {
  const file = process.env.CARETAKER_PAGILA_SQL;
  if (!file) return schemaText("rental-store");
  const text = (await readFile(file, "utf8")).replaceAll(/^\\.*$/gm, "");
  // pg_dump empties the search path of its session; here the rows follow in the same one.
  return `${text}
    SELECT set_config('search_path', 'public', false);
    INSERT INTO country (country) VALUES ('Finland');
    INSERT INTO city (city, country_id) SELECT 'Turku', country_id FROM country;
    INSERT INTO address (address, district, city_id, phone) SELECT 'Quay 1', 'Harbour', city_id, '1' FROM city;
    INSERT INTO store (store_id, manager_staff_id, address_id) SELECT n, n, address_id FROM address, generate_series(1, 3) AS n;
    INSERT INTO staff (staff_id, first_name, last_name, address_id, store_id, username, password)
      SELECT n, 'Clerk', 'No. ' || n, address_id, n, 'clerk' || n, 'kept secret' FROM address, generate_series(1, 3) AS n;
    INSERT INTO customer (customer_id, store_id, first_name, last_name, address_id)
      SELECT n, 1 + n % 3, 'Customer', 'No. ' || n, address_id FROM address, generate_series(1, 9) AS n;
    INSERT INTO language (name) VALUES ('English');
    INSERT INTO film (title, language_id, fulltext) SELECT 'The Harbour', language_id, '' FROM language;
    INSERT INTO inventory (inventory_id, film_id, store_id) SELECT n, film_id, n FROM film, generate_series(1, 3) AS n;
    INSERT INTO rental (rental_id, rental_date, inventory_id, customer_id, staff_id) SELECT n, now(), n, n, n FROM generate_series(1, 3) AS n;`;
}

async function signing(): Promise<string> {
  const folder = process.env.CARETAKER_DOCUMENSO_MIGRATIONS;
  if (!folder) return schemaText("signing");
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((one) => one.isDirectory())
    .map((one) => one.name);
  const texts = await Promise.all(names.sort().map((name) => readFile(join(folder, name, "migration.sql"), "utf8")));
  return texts.join(";\n");
}

test("the rental store: payments of three stores are recorded for the right one, and nothing remains after removal", async () => {
  const { url, databaseId } = await foreignDatabase(await rentalStore());
  const before = await schemaState(url);
  const dumped = await schemaDump(url);
  const model = await adopt(administrator, databaseId);
  expect(model.tenantsTable).toMatchObject({ table: "store", key: "store_id" });
  expect(model.usersTable?.table).toBe("staff");
  expect(model.tables.find((table) => table.name === "payment")).toMatchObject({
    class: "child",
    primaryKey: expect.arrayContaining(["payment_id"]),
  });
  expect(model.tables.find((table) => table.name === "staff")?.maskedColumns).toEqual(["password"]);
  expect(await syncTenants(administrator, databaseId)).toEqual({ tenants: 3, archived: 0 });

  const [columns] = await query<{ has: boolean }>(
    url,
    "SELECT count(*) = 1 AS has FROM information_schema.columns WHERE table_name = 'payment' AND column_name = 'staff_id'",
  );
  const [names, values] = columns?.has
    ? ["customer_id, staff_id, rental_id, amount, payment_date", "customer_id, 1, 1, 5, '2022-03-05'"]
    : ["customer_id, amount, paid_at", "customer_id, 5, '2025-03-05'"];
  await query(
    url,
    `INSERT INTO public.payment (${names}) SELECT ${values} FROM public.customer WHERE customer_id <= 3`,
  );
  await query(url, "UPDATE public.payment SET amount = 6 WHERE customer_id = 2");
  await query(url, "DELETE FROM public.payment WHERE customer_id = 3");
  const entries = await query<{ action: string; tenant_id: string }>(
    url,
    "SELECT action, tenant_id FROM caretaker.audit_logs WHERE resource_type = 'payment' ORDER BY id",
  );
  expect(
    entries
      .filter((entry) => entry.action === "create")
      .map((entry) => entry.tenant_id)
      .sort(),
  ).toEqual(["1", "2", "3"]);
  expect(entries.find((entry) => entry.action === "delete")?.tenant_id).toBe("1");
  expect((await adoptionStatus(administrator, databaseId)).state).toBe("adopted");

  const { hash } = await planRemoval(administrator, databaseId);
  await removeAdoption(administrator, { databaseId, planHash: hash });
  expect(await schemaState(url)).toEqual(before);
  expect(await schemaDump(url)).toEqual(dumped);
});

test("the signing service: its organisation is found, secrets are masked, and nothing remains after removal", async () => {
  const { url, databaseId, role } = await foreignDatabase(await signing());
  const before = await schemaState(url);
  const model = await adopt(administrator, databaseId, (proposed) => ({
    ...proposed,
    applicationRole: role,
    tables: proposed.tables.map((table) => ({ ...table, rowSecurity: table.class === "tenant" })),
  }));
  expect(model.tenantsTable).toMatchObject({ table: "Organisation", name: "name", slug: "url" });
  expect(model.usersTable).toMatchObject({ table: "User", key: "id" });
  const find = (name: string) => model.tables.find((table) => table.name === name);
  expect(find("Envelope")).toMatchObject({ class: "child", softDelete: { column: "deletedAt", kind: "timestamp" } });
  expect(find("Field")?.tenantPath.map((step) => step.table)).toEqual(["Envelope", "Team"]);
  expect(find("User")?.maskedColumns).toEqual(
    expect.arrayContaining(["password", "twoFactorSecret", "twoFactorBackupCodes"]),
  );
  expect(find("RateLimit")).toMatchObject({
    class: "reference",
    primaryKey: ["key", "action", "bucket"],
    maskedColumns: [],
  });

  await query(url, `INSERT INTO "RateLimit" ("key", "action", "bucket") VALUES ('k', 'a', '2026-01-01')`);
  const [entry] = await query<{ resource_id: string }>(
    url,
    "SELECT resource_id FROM caretaker.audit_logs WHERE resource_type = 'RateLimit'",
  );
  expect(JSON.parse(entry?.resource_id ?? "null")).toEqual(["k", "a", "2026-01-01T00:00:00"]);
  await query(url, `INSERT INTO "User" ("email", "password") VALUES ('new@example.com', 'in plain text')`);
  expect(
    JSON.stringify(await query(url, "SELECT * FROM caretaker.audit_logs WHERE resource_type = 'User'")),
  ).not.toContain("in plain text");
  expect((await adoptionStatus(administrator, databaseId)).state).toBe("adopted");

  const { hash } = await planRemoval(administrator, databaseId);
  await removeAdoption(administrator, { databaseId, planHash: hash });
  expect(await schemaState(url)).toEqual(before);
});
