import { expect, type Page, test } from "@playwright/test";
import { addServer, inDatabase } from "./foreign.ts";
import { serverUrl, stateOf } from "./harness.ts";
import { fillTenant, ownName } from "./own-tenant.ts";

test.describe.configure({ mode: "serial", timeout: 180_000 });

// The private server under two more names: what is said of the demo's own would change every plan that others look at.
const roomy = ownName("roomy");
const full = ownName("full");

test.beforeAll(async ({ browser }) => {
  const page = await browser.newPage({ storageState: stateOf("administrator") });
  await addServer(page, roomy, serverUrl());
  await addServer(page, full, serverUrl());
  await page.close();
});

test("an administrator says what a server can bear and where tenants go, and sees what follows", async ({ page }) => {
  await page.goto("/tenants/servers");
  const servers = page.getByRole("table", { name: "Servers" });
  const row = servers.getByRole("row", { name: roomy });
  await row.getByRole("button", { name: "Capacity…" }).click();
  await page.getByLabel("Region").fill("eu-test");
  await page.getByLabel("Disk in GB").fill("500");
  await page.getByLabel("Cores").fill("8");
  await page.getByRole("button", { name: "Set capacity" }).click();
  await expect(row).toContainText("eu-test");

  const policy = page.getByRole("table", { name: "Where tenants go" }).getByRole("row", { name: /^demo / });
  await policy.getByRole("button", { name: "Policy…" }).click();
  await page.getByLabel("Policy").selectOption("region");
  await page.getByLabel("Region").fill("us-test");
  await page.getByRole("button", { name: "Set policy" }).click();
  await expect(policy).toContainText(`${roomy}: its region is eu-test, and the policy says us-test`);
  await policy.getByRole("button", { name: "Policy…" }).click();
  await page.getByLabel("Policy").selectOption("least_loaded");
  await page.getByRole("button", { name: "Set policy" }).click();
  await expect(policy).toContainText("The least loaded server");
});

/** A tenant with a database of its own on a server, by its plan. */
async function createOn(page: Page, server: string, name: string): Promise<void> {
  await page.goto("/tenants/create?tier=database");
  await fillTenant(page, name);
  await page.getByLabel("Server").selectOption({ label: server });
  await page.getByRole("button", { name: "Look at the plan" }).click();
  await page.getByRole("button", { name: `Create ${name}` }).click();
  await page.getByRole("link", { name: "Look at the tenant" }).click({ timeout: 90_000 });
  await expect(page.getByText("lives in its own database")).toBeVisible();
}

/** Nine tenths of one server's disk are full, and half of that is the tenant's. What is used is what the sampler would find too. */
async function fill(name: string): Promise<void> {
  const [server] = await inDatabase("caretaker", "SELECT sum(pg_database_size(oid))::text AS used FROM pg_database");
  const used = Number(server?.used);
  await inDatabase("caretaker", "UPDATE tenants SET size_bytes = $2 WHERE name = $1", [name, Math.round(used / 2)]);
  await inDatabase("caretaker", "UPDATE servers SET disk_bytes = $2 WHERE name = $1", [full, Math.round(used / 0.9)]);
  await inDatabase(
    "caretaker",
    "INSERT INTO server_samples (server_id, used_bytes, active_ms) SELECT id, $3, 0 FROM servers WHERE name IN ($1, $2)",
    [full, roomy, used],
  );
}

test("a rebalancing shows which tenant to move where, and becomes a queue of moves that is stopped", async ({
  page,
}) => {
  const name = ownName("heavy");
  await createOn(page, full, name);
  await fill(name);
  await page.goto("/tenants/servers");
  const planned = page.getByRole("table", { name: "Moves of the plan" }).getByRole("row", { name });
  await expect(planned).toContainText(roomy);
  await expect(page.getByText(new RegExp(`${full}: disk \\d+ % to [1-6]\\d %`))).toBeVisible();
  await page.getByRole("button", { name: /^Move \d+ tenants?…$/ }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Move \d+ tenants?$/ })
    .click();
  const queue = page.getByRole("table", { name: "Queue of moves" });
  await expect(queue.getByRole("row", { name })).toContainText(/queued|moving/);
  await page.getByRole("button", { name: "Stop the queue" }).click();
  await expect(page.getByText(/; stopped/)).toBeVisible();
});

test.describe("as support", () => {
  test.use({ storageState: stateOf("support") });

  test("servers are read and not changed", async ({ page }) => {
    await page.goto("/tenants/servers");
    await expect(page.getByRole("table", { name: "Servers" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Capacity…" })).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Policy…" })).toHaveCount(0);
  });
});
