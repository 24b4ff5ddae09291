import { expect, test } from "@playwright/test";
import { fillMonth } from "#db/audit/archive/testing/month.ts";
import { control } from "#db/control.ts";
import { retentionRules } from "#db/schema/retention.ts";
import { adoptForBrowser } from "./adopted.ts";
import { alive } from "./alive.ts";

const month = "2025-02";
let db: Awaited<ReturnType<typeof adoptForBrowser>>;

test.beforeAll(async () => {
  db = await adoptForBrowser("CREATE TABLE orders (id integer PRIMARY KEY)", {});
  await fillMonth(db.client, month, 300);
  // Two people set this on the screen; that they must is proven below and in db/audit/retention.
  await control()
    .insert(retentionRules)
    .values({ databaseId: db.id, keepMonths: 84, hotMonths: 1, reason: "For this spec." });
});

test.afterAll(() => db.close());

test("a month is archived, searched cold with the same filter, opened, and brought back", async ({ page }) => {
  test.slow();
  const row = page.getByRole("table", { name: `Months of ${db.name}` }).getByRole("row", { name: new RegExp(month) });
  // The screen of a job says "done" of its steps too, so that the month itself is asked.
  const stands = async (where: string) => {
    await page.waitForURL(/\/jobs\//);
    await expect(async () => {
      await page.goto("/audit/retention");
      await expect(row).toContainText(where, { timeout: 2_000 });
    }).toPass({ timeout: 60_000 });
  };
  await page.goto("/audit/retention");
  await row.getByRole("button", { name: `Archive ${month}` }).click();
  await stands("archived");

  await page.goto(`/audit?${new URLSearchParams({ database: db.id, q: "table:orders record:16" })}`);
  const search = page.getByRole("button", { name: "Search archived months" });
  await alive(search);
  await search.press("Enter");
  const found = page.getByRole("table", { name: "Archived entries" });
  await expect(found.locator("tbody tr")).toHaveCount(1);
  await expect(page.getByRole("region", { name: "Archived months" })).toBeFocused();

  const address = { database: db.id, schema: "public", table: "orders", key: "16" };
  await page.goto(`/audit/record?${new URLSearchParams(address)}`);
  const look = page.getByRole("button", { name: "Look in the archive" });
  await alive(look);
  await look.press("Enter");
  await expect(page.getByText(`Read with what ${month} of the archive holds.`)).toBeVisible();
  await expect(page.getByRole("region", { name: "Archived months" })).toBeFocused();

  await page.goBack();
  await page.getByRole("button", { name: "Search archived months" }).click();
  await found.getByRole("link").first().click();
  await page.waitForURL(/\/audit\/[^/]+\/\d+/);
  await expect(page.getByText("tenant-2").first()).toBeVisible();

  await page.goto("/audit/retention");
  await row.getByRole("button", { name: `Bring ${month} back` }).click();
  await stands("in PostgreSQL");
});

test("a change of retention is shown as a plan and does not happen without a second person", async ({ page }) => {
  const change = new URLSearchParams({ databaseId: db.id, keepMonths: "24", hotMonths: "12" });
  await page.goto(`/audit/retention/change?${change}`);
  await expect(page.getByText("Entries would be kept for 2 years rather than 7 years.")).toBeVisible();
  await page.getByRole("button", { name: "Set retention…" }).click();
  await page.getByRole("textbox", { name: "Reason" }).fill("The contract asks for two years.");
  await page.getByRole("button", { name: "Set retention", exact: true }).click();
  await expect(page.getByRole("button", { name: "Ask for approval" })).toBeVisible();
});
