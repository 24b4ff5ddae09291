import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, control } from "../../../control.ts";
import { closeFleet } from "../../../fleet.ts";
import { placements, tenants } from "../../../schema/tenants.ts";
import { type Adopted, adoptedDatabase } from "../../../testing/adopted.ts";
import { freshControl } from "../../../testing/databases.ts";
import { type Person, person } from "../../../testing/people.ts";
import { rowsInPlan } from "../contract.ts";
import { restoring } from "../testing/restoring.ts";

const ddl = "CREATE TABLE orders (id integer PRIMARY KEY, tenant_id text, note text)";
const byColumn = {
  ...{ class: "tenant" as const, tenantColumn: "tenant_id" },
  tenant: { kind: "column" as const, column: "tenant_id" },
};

let ada: Person;
let from: Adopted;
let into: Adopted;

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
  from = await adoptedDatabase(ddl, { orders: byColumn });
  into = await adoptedDatabase(ddl, { orders: byColumn });
  for (const key of ["acme", "zen"]) {
    const [tenant] = await control()
      .insert(tenants)
      .values({ homeDatabaseId: from.id, key, name: key })
      .returning({ tenantId: tenants.id });
    if (!tenant) throw new Error("There is no tenant.");
    const place = { ...tenant, schema: "public", tier: "shared" as const };
    await control()
      .insert(placements)
      .values({ ...place, databaseId: from.id, state: "moved" });
    await control()
      .insert(placements)
      .values({ ...place, databaseId: into.id, state: "open" });
  }
  await from.client.query(
    `INSERT INTO orders SELECT n, 'zen' FROM generate_series(1, ${rowsInPlan + 1}) AS n;
     INSERT INTO orders SELECT -n, 'acme' FROM generate_series(1, 3) AS n`,
  );
  await from.client.query("DELETE FROM orders WHERE tenant_id = 'zen'");
  await from.client.query("DELETE FROM orders");
}, 240_000);

afterAll(async () => {
  for (const { client } of [from, into]) await client.end();
  await closeFleet();
  await closeControl();
});

const { plan } = restoring(
  () => from,
  () => ada.actor,
);

test("a filter finds all of a tenant that moved behind more deletions of others than a plan takes", async () => {
  const planned = await plan({ q: "action:delete", tenant: "acme" });
  expect(planned).toMatchObject({ status: "clean", writes: 3, tenant: "acme" });
  expect((await plan({ q: "action:delete", tenant: "acme" })).hash).toBe(planned.hash);
}, 240_000);

test("a filter that finds more of the tenant than a plan takes is refused, not cut off", async () => {
  await expect(plan({ q: "action:delete", tenant: "zen" })).rejects.toMatchObject({
    code: "too_broad",
    message: expect.stringContaining("of tenant zen; a plan takes 250000 at most"),
  });
}, 240_000);
