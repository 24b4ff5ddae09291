import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { staffActor } from "../mint.ts";
import { freshControl } from "../testing/databases.ts";
import { type Person, person } from "../testing/people.ts";
import { suspendTenants } from "./bulk.ts";
import { createTenant } from "./create.ts";
import { openShop, type Shop } from "./fixture.ts";
import { readTenant } from "./read.ts";
import { reopenTenant } from "./reopen.ts";
import { suspendTenant } from "./suspend.ts";

let ada: Person;
/** The same person, who gave the password too long ago, or acts by an API token. */
let unproven: Actor;
let shop: Shop;
let first: string;
let second: string;

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
  unproven = staffActor({ staffId: ada.id, name: "Ada", role: "administrator" });
  shop = await openShop({ rowSecurity: true });
  const make = async (name: string) =>
    (await createTenant(ada.actor, { databaseId: shop.databaseId, name, values: { plan: "free" } })).tenantId;
  [first, second] = [await make("First"), await make("Second")];
});

afterAll(async () => {
  await shop.client.end();
  await closeFleet();
  await closeControl();
});

const statusOf = async (tenantId: string) => (await readTenant(ada.actor, tenantId)).status;

test("suspending takes the tenant's name and the password, since it keeps out everybody of it", async () => {
  const given = { tenantId: first, reason: "unpaid" };
  await expect(suspendTenant(ada.actor, given)).rejects.toMatchObject({ code: "invalid" });
  await expect(suspendTenant(ada.actor, { ...given, typed: "Second" })).rejects.toMatchObject({ code: "invalid" });
  const named = { ...given, typed: "First" };
  await expect(suspendTenant(unproven, named)).rejects.toMatchObject({ code: "reauthentication" });
  expect(await statusOf(first)).toBe("active");
  await suspendTenant(ada.actor, named);
  expect(await statusOf(first)).toBe("suspended");
  await reopenTenant(unproven, { tenantId: first });
  expect(await statusOf(first)).toBe("active");
});

test("many are suspended by one consent, for which their number is typed", async () => {
  const given = { tenantIds: [first, second], reason: "unpaid" };
  for (const typed of [undefined, "First", "3 tenants"]) {
    await expect(suspendTenants(ada.actor, { ...given, typed })).rejects.toMatchObject({ code: "invalid" });
  }
  const counted = { ...given, typed: "2 tenants" };
  await expect(suspendTenants(unproven, counted)).rejects.toMatchObject({ code: "reauthentication" });
  expect(await statusOf(second)).toBe("active");
  expect(await suspendTenants(ada.actor, counted)).toEqual({ done: 2, refused: [] });
  expect([await statusOf(first), await statusOf(second)]).toEqual(["suspended", "suspended"]);
});
