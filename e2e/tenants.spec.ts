import { expect, test } from "@playwright/test";
import { stateOf } from "./harness.ts";

test("the list is searched, and says so when nothing matches", async ({ page }) => {
  await page.goto("/tenants");
  await expect(page.getByRole("heading", { name: "Tenants", level: 1 })).toBeVisible();
  await expect(page.getByText(/\d+ tenants in/)).toBeVisible();
  await page.getByLabel("Search", { exact: true }).fill("no tenant is called this");
  await expect(page).toHaveURL(/q=no\+?(%20)?tenant/);
  await expect(page.getByText("No tenant matches")).toBeVisible();
  await page.getByRole("link", { name: "Clear the filters" }).click();
  await expect(page.getByRole("table", { name: "Tenants" })).toBeVisible();
});

test("a later page brings other tenants than the first", async ({ page }) => {
  await page.goto("/tenants?limit=5");
  const names = page.getByRole("table", { name: "Tenants" }).locator("tbody tr td:first-child a");
  await expect(names).toHaveCount(5);
  await page.getByRole("button", { name: /more/i }).click();
  await expect(names).toHaveCount(10);
  const links = await names.evaluateAll((all) => all.map((one) => one.getAttribute("href")));
  expect(new Set(links).size).toBe(10);
});

test("a tenant is renamed, suspended and reopened, and each is recorded", async ({ page }) => {
  await page.goto("/tenants?status=active&tier=shared");
  await page.getByRole("table", { name: "Tenants" }).locator("tbody tr td:first-child a").first().click();
  await expect(page).toHaveURL(/\/tenants\/[0-9a-f-]{36}$/);
  const before = await page.getByRole("heading", { level: 1 }).innerText();
  const after = `${before} renamed`;

  await page.getByRole("button", { name: "Rename…" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill(after);
  await page.getByRole("button", { name: "Rename tenant" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(after);

  await page.getByRole("button", { name: "Suspend…" }).click();
  await page.getByRole("dialog").getByLabel("Reason").fill("A test of the browser");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: `Suspend ${after}` })
    .click();
  await expect(page.getByText(/suspended, since/)).toContainText("A test of the browser");

  await page.getByRole("button", { name: `Reopen ${after}` }).click();
  await expect(page.getByText(/active, since/)).toBeVisible();
  await expect(page.getByRole("table", { name: "Recent changes" })).toContainText("tenants");
});

test("the create form asks for what the application's table needs", async ({ page }) => {
  await page.goto("/tenants/create");
  await expect(page.getByRole("heading", { name: "Create tenant", level: 1 })).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toBeVisible();
});

test.describe("for support", () => {
  test.use({ storageState: stateOf("support") });

  test("tenants are read and nothing offers to change them", async ({ page }) => {
    await page.goto("/tenants");
    await expect(page.getByRole("link", { name: "Create tenant" })).toHaveCount(0);
    await page.getByRole("table", { name: "Tenants" }).locator("tbody tr td:first-child a").first().click();
    await expect(page.getByRole("heading", { name: "Placement" })).toBeVisible();
    await expect(page.getByRole("button", { name: /Suspend|Rename/ })).toHaveCount(0);
    await page.goto("/tenants/create");
    await expect(page.getByText("tenants.write")).toBeVisible();
  });
});
