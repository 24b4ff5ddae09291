import { expect, test } from "@playwright/test";
import { violations } from "./axe.ts";

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

test("the evidence of a check passes axe in both themes", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/performance");
  await page.locator("details#connections summary").first().click();
  expect.soft(await violations(page), "light").toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
  expect.soft(await violations(page, "colours"), "dark").toEqual([]);
});
