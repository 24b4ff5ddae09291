import { expect, test } from "@playwright/test";
import { adoptForBrowser } from "./adopted.ts";
import { stateOf } from "./harness.ts";

let db: Awaited<ReturnType<typeof adoptForBrowser>>;

test.beforeAll(async () => {
  db = await adoptForBrowser(
    `CREATE TABLE letters (id integer PRIMARY KEY, title text, seen_at timestamptz);
     CREATE TABLE stamps (id integer PRIMARY KEY, "ownerEmail" text);`,
    {},
  );
  await db.client.query("INSERT INTO letters SELECT i, 'letter' FROM generate_series(1, 30) AS i");
  await db.client.query("UPDATE letters SET seen_at = now()");
  await db.client.query("ALTER TABLE stamps DISABLE TRIGGER caretaker_delete");
});

test.afterAll(() => db.close());

test("coverage names what is switched off, what is noise and who wrote without a name", async ({ page }) => {
  await page.goto(`/audit/coverage?database=${db.id}`);
  const tables = page.getByRole("table", { name: "Tables and whether their writes are recorded" });
  await expect(tables.getByRole("row", { name: /^stamps/ })).toContainText("switched off");
  await expect(tables.getByRole("row", { name: /^letters/ })).toContainText("letters");
  await expect(page.getByRole("table", { name: "Columns that are noise" })).toContainText("letters.seen_at");
  await expect(page.getByRole("table", { name: "Entries without a known actor" })).toContainText("60");
  await page.getByLabel("State").selectOption({ label: "switched off" });
  await expect(tables.getByRole("row")).toHaveCount(2);
});

test("an administrator classifies columns, leaves noise out, and sees the plan that follows", async ({ page }) => {
  await page.goto(`/audit/coverage?database=${db.id}`);
  await page.getByRole("link", { name: /^Classify \d columns$/ }).click();
  await expect(page.getByLabel("stamps.ownerEmail holds")).toHaveValue("personal");
  await page.getByLabel("letters.title holds").selectOption("secret");
  await page.getByRole("button", { name: /^Classify \d columns$/ }).click();
  await expect(page).toHaveURL(new RegExp(`/databases/${db.id}/plan`));
  await page.goto(`/audit/coverage?database=${db.id}`);
  await page.getByRole("button", { name: "Leave out seen_at of letters" }).click();
  await expect(page).toHaveURL(new RegExp(`/databases/${db.id}/plan`));
  await page.goto(`/audit/coverage?database=${db.id}`);
  const letters = page.getByRole("row", { name: /^letters drifted/ });
  await expect(letters).toContainText("Masked: title");
  await expect(letters).toContainText("No change by itself: seen_at");
});

test.describe("as support", () => {
  test.use({ storageState: stateOf("support") });

  test("coverage is read and not changed", async ({ page }) => {
    await page.goto("/audit/coverage");
    await page.getByRole("link", { name: db.name }).click();
    await expect(page.getByRole("heading", { level: 1, name: `Coverage of ${db.name}` })).toBeVisible();
    await expect(page.getByRole("button", { name: /^Leave out/ })).toHaveCount(0);
    await expect(page.getByRole("link", { name: /^Classify/ })).toHaveCount(0);
    await page.goto(`/audit/coverage/columns?database=${db.id}`);
    await expect(page.getByText("databases.manage")).toBeVisible();
  });
});
