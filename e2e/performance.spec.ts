import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";

test("the screen answers first, and each check shows what it rests on", async ({ page }) => {
  await page.goto("/performance");
  await expect(page.getByText(/of \d+ databases? needs? attention/)).toBeVisible();
  const check = page.locator("details#connections").first();
  await expect(check).toContainText("connections are open on this server");
  await check.locator("summary").click();
  await expect(check).toContainText("warning from 80 %");
  await expect(check).toContainText("FROM pg_stat_activity");
  await expect(check.getByRole("table", { name: "Evidence: Connections in use" })).toBeVisible();
});

test("a rate without an earlier sample is unknown and not good", async ({ page }) => {
  await page.goto("/performance?database=console");
  const cache = page.locator("details#table-cache");
  const text = await cache.locator("summary").innerText();
  if (/no sample|Only \d+/.test(text)) expect(text).toContain("unknown");
  else expect(text).toMatch(/good|warning/);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`the performance screen passes axe in the ${colorScheme} theme`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.goto("/performance");
    await expect(page.locator("details#connections").first()).toBeVisible();
    await page.locator("details#connections summary").first().click();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  });
}
