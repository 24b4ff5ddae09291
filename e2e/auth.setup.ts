import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test as setup } from "@playwright/test";
import { roles } from "#db/capabilities.ts";
import { accountOf, outputFolder, stateOf } from "./harness.ts";
import { oneDatabase, open } from "./screens.ts";

for (const role of roles) {
  setup(`the ${role} signs in`, async ({ page }) => {
    // The web process answers a moment before the start command tells the accounts.
    await expect
      .poll(() => ["accounts.json", "server.json"].every((name) => existsSync(join(outputFolder, name))))
      .toBe(true);
    const { email, password } = accountOf(role);
    await page.goto("/sign-in");
    await page.locator("input[name=email]").fill(email);
    await page.locator("input[name=password]").fill(password);
    await page.locator("button[type=submit]").click();
    await expect(page).not.toHaveURL(/sign-in/, { timeout: 30_000 });
    await page.context().storageState({ path: stateOf(role) });
  });
}

// A new console has done no long work yet, and the screen of a job is tested as every other.
setup("the administrator imports tenants, which is a job", async ({ browser }) => {
  const page = await browser.newPage({ storageState: stateOf("administrator") });
  await open(page, { name: "one database", path: "/databases", via: [oneDatabase] });
  // A click before the page is alive is lost, and leaving before the answer would take the question back.
  await expect(async () => {
    const answered = page.waitForResponse((response) => response.request().method() === "POST", { timeout: 5_000 });
    await page.getByRole("button", { name: "Import tenants" }).click();
    await answered;
  }).toPass({ timeout: 50_000 });
  await page.goto("/jobs");
  await expect(page.locator("main a[href^='/jobs/']").first()).toBeVisible({ timeout: 30_000 });
  await page.close();
});

// Likewise the screen of a move. It waits for somebody to cut over, and the tenant is none that another test takes.
setup("the administrator moves a tenant", async ({ browser }) => {
  const page = await browser.newPage({ storageState: stateOf("administrator") });
  await page.goto("/tenants?status=active&tier=shared&sort=-name");
  await page.getByRole("table", { name: "Tenants" }).locator("tbody").getByRole("link").nth(3).click();
  await page.waitForURL(/\/tenants\/[0-9a-f-]{36}$/);
  await page.goto(`${new URL(page.url()).pathname}/move?tier=schema&plan=1`);
  await page.getByRole("button", { name: "Start the move…" }).press("Enter", { timeout: 50_000 });
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Start to move/ })
    .press("Enter");
  await page.waitForURL(/\/tenants\/moves\/[0-9a-f-]{36}$/);
  await page.close();
});
