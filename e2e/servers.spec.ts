import { expect, test } from "@playwright/test";
import { stateOf } from "./harness.ts";

test("an administrator says what a server can bear and where tenants go, and sees what follows", async ({ page }) => {
  await page.goto("/tenants/servers");
  const servers = page.getByRole("table", { name: "Servers" });
  const row = servers.getByRole("row", { name: /^Demo/ });
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
  await expect(policy).toContainText("Demo: its region is eu-test, and the policy says us-test");
  await policy.getByRole("button", { name: "Policy…" }).click();
  await page.getByLabel("Policy").selectOption("least_loaded");
  await page.getByRole("button", { name: "Set policy" }).click();
  await expect(policy).toContainText("The least loaded server");
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
