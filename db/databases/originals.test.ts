import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl } from "../testing/databases.ts";
import { rentalStore, signing } from "../testing/foreign/originals.ts";
import { person } from "../testing/people.ts";
import { schemaDump, schemaState } from "../testing/schema-state.ts";
import { planRemoval, removeAdoption } from "./remove.ts";
import { adoptionStatus } from "./status.ts";
import { syncTenants } from "./sync-tenants.ts";
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
