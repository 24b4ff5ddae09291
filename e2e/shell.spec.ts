import { expect, type Page, test } from "@playwright/test";
import { alive } from "./alive.ts";

/** The first tenant of the list: its name and its page. */
async function firstTenant(page: Page): Promise<{ name: string; href: string }> {
  await page.goto("/tenants");
  const link = page.locator("tr[data-row] a").first();
  return { name: await link.innerText(), href: (await link.getAttribute("href")) ?? "" };
}

async function openPalette(page: Page) {
  // A key pressed before the page is alive goes nowhere, as with a person.
  await expect(async () => {
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("combobox", { name: "Name, slug or any id" })).toBeFocused({ timeout: 1_000 });
  }).toPass();
}

test("the palette lands on whatever a pasted id belongs to, by keyboard alone", async ({ page }) => {
  const { name, href } = await firstTenant(page);
  await page.goto("/settings");
  await openPalette(page);
  await page.keyboard.insertText(href.split("/").at(-1) ?? "");
  await expect(page.getByRole("option", { name: new RegExp(`tenant.*${name}`) })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`${href}$`));
  await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
});

test("a row is opened by keys: j moves, Enter opens", async ({ page }) => {
  await page.goto("/tenants");
  const rows = page.locator("tr[data-row]");
  const second = (await rows.nth(1).locator("a").first().getAttribute("href")) ?? "";
  await alive(rows.first());
  await rows.first().focus();
  await page.keyboard.press("j");
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`${second}$`));
});

test("the scope is in the address and the rail carries it", async ({ page }) => {
  await page.goto("/tenants");
  await page.getByRole("button", { name: "Scope: Whole fleet" }).click();
  await page.getByRole("toolbar").getByRole("link").nth(1).click();
  await expect(page).toHaveURL(/[?&]database=[0-9a-f-]{36}/, { timeout: 30_000 });
  const scope = new URL(page.url()).searchParams.get("database") ?? "";
  const audit = page.getByRole("navigation", { name: "Areas" }).getByRole("link", { name: "Audit" });
  await expect(audit).toHaveAttribute("href", `/audit?database=${scope}`);
});

test("the theme is chosen once and painted by the server from then on", async ({ page }) => {
  await page.goto("/settings");
  await page.getByRole("button", { name: "Demo administrator, administrator" }).click();
  const saved = page.waitForResponse((response) => response.request().method() === "POST");
  await page.getByRole("button", { name: "Dark", exact: true }).click();
  await saved;
  const html = await (await page.request.get("/settings")).text();
  expect(html).toContain('data-theme="dark"');
});

test("the first tab stop skips to the content", async ({ page }) => {
  await page.goto("/databases");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("main")).toBeFocused();
});

test("on a phone the rail is a sheet and no screen is wider than the window", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/");
  await page.getByRole("button", { name: "Open the areas" }).click();
  await page.getByRole("dialog", { name: "Areas" }).getByRole("link", { name: "Tenants" }).click();
  await expect(page).toHaveURL(/\/tenants$/);
  await expect(page.locator("tr[data-row]").first()).toBeVisible();
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wider).toBeLessThanOrEqual(0);
});
