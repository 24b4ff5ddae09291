import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { systemActor } from "../mint.ts";
import { freshControl } from "../testing/databases.ts";
import type { TenantDetail } from "./contract.ts";
import { createTenant } from "./create.ts";
import { openShop, type Shop } from "./fixture.ts";
import { readTenant } from "./read.ts";
import { tenantSettings } from "./settings.ts";
import { tenantStatements } from "./statements.ts";

const actor = systemActor("tenants test");
let shop: Shop;
let tenant: TenantDetail;

beforeAll(async () => {
  await freshControl();
  shop = await openShop({ rowSecurity: true });
  const { tenantId } = await createTenant(actor, {
    databaseId: shop.databaseId,
    name: "Acme",
    values: { plan: "paid" },
  });
  tenant = await readTenant(actor, tenantId);
});

afterAll(async () => {
  await shop.client.end();
  await closeFleet();
  await closeControl();
});

test("settings are the tenant's row in the application's table, without what names it and what is masked", async () => {
  const before = await tenantSettings(actor, tenant);
  expect(before.table).toBe("My App.Organization");
  expect(before.row.map(({ name }) => name)).toEqual(["plan", "updatedAt", "seats", "nameLength"]);
  expect(before.row).toContainEqual({ name: "seats", value: "5", masked: false });

  await controlPool().query(
    `UPDATE managed_tables SET masked_columns = '{seats}' WHERE database_id = $1 AND schema = 'My App' AND name = 'Organization'`,
    [shop.databaseId],
  );
  expect((await tenantSettings(actor, tenant)).row).toContainEqual({ name: "seats", value: null, masked: true });
});

test("statements are not a tenant's own in shared tables, and need an extension elsewhere", async () => {
  expect(await tenantStatements(actor, tenant)).toEqual({ kept: "shared" });
  const own = tenant.placements.map((placement) => ({ ...placement, tier: "schema" as const }));
  expect(await tenantStatements(actor, { ...tenant, placements: own })).toMatchObject({ kept: "missing" });
});
