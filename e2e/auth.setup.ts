import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test as setup } from "@playwright/test";
import { roles } from "#db/capabilities.ts";
import { accountOf, outputFolder, stateOf } from "./harness.ts";

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
