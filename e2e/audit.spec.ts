import { expect, test } from "@playwright/test";
import { adoptForBrowser } from "./adopted.ts";

let db: Awaited<ReturnType<typeof adoptForBrowser>>;

test.beforeAll(async () => {
  db = await adoptForBrowser(
    "CREATE TABLE invoices (id bigint PRIMARY KEY, tenant text, amount numeric(12,2), doc jsonb, api_secret text)",
    { invoices: { maskedColumns: ["api_secret"], tenant: { kind: "column", column: "tenant" } } },
  );
  await db.client.query("BEGIN");
  await db.client.query(
    "SELECT caretaker.set_context(user_id => 'u-17', ip_address => '203.0.113.9', reason => 'Quarterly import')",
  );
  await db.client.query(
    `INSERT INTO invoices SELECT n, 'acme', n * 1.10, '{"big": 9007199254740993}', 'hunter2' FROM generate_series(1, 70) n`,
  );
  await db.client.query("COMMIT");
  await db.client.query("UPDATE invoices SET amount = 99.90 WHERE id = 7");
  await db.client.query("DELETE FROM invoices WHERE id = 7");
});

test.afterAll(() => db.close());

test("the log is filtered by the address, paged by cursor, and a filter survives a reload", async ({ page }) => {
  await page.goto(`/audit?database=${db.id}&table=invoices`);
  const rows = page.getByRole("table", { name: "Audit entries" }).locator("tbody tr");
  await expect(rows).toHaveCount(50);
  await page.getByRole("button", { name: "Load more" }).click();
  await expect(rows).toHaveCount(72);
  await page.getByLabel("Action").selectOption("delete");
  await expect(page).toHaveURL(/action=delete/);
  await expect(rows).toHaveCount(1);
  await page.reload();
  await expect(rows).toHaveCount(1);
  await expect(page.getByLabel("Action")).toHaveValue("delete");
});

test("an entry says who, from where and why, shows every digit and no secret, and leads to the record's history", async ({
  page,
}) => {
  await page.goto(`/audit?database=${db.id}&record=7&action=create`);
  await page.getByRole("link", { name: /invoices 7/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Actor u-17 created invoices 7");
  const main = page.getByRole("main");
  await expect(main).toContainText("203.0.113.9");
  await expect(main).toContainText("Quarterly import");
  await expect(main).toContainText("9007199254740993");
  await expect(main).toContainText("7.70");
  await expect(main).not.toContainText("hunter2");
  await expect(main.getByRole("heading", { name: "The same transaction" })).toBeVisible();
  await main.getByRole("link", { name: "History of this record" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("invoices 7");
  const events = page.locator("main details");
  await expect(events).toHaveCount(3);
  await events.nth(1).locator("summary").first().click();
  await expect(events.nth(1)).toContainText("99.90");
});

test("what matches nothing says which part of the filter is to blame, and offers to leave it out", async ({ page }) => {
  await page.goto(`/audit?database=${db.id}&table=invoices&record=none-such`);
  await expect(page.getByText("No entry matches")).toBeVisible();
  await page.getByRole("link", { name: "Leave out the record id" }).click();
  await expect(page.getByRole("table", { name: "Audit entries" })).toBeVisible();
});

test("what cannot be read in the address is named and left out", async ({ page }) => {
  await page.goto("/audit?transaction=abc&from=soon");
  await expect(page.getByText("could not be read: from, transaction")).toBeVisible();
});

test("a view is saved under a name, opened again and removed", async ({ page }) => {
  const name = `Deletions ${crypto.randomUUID().slice(0, 8)}`;
  await page.goto(`/audit?database=${db.id}&action=delete`);
  await page.getByRole("button", { name: "Save view" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill(name);
  await page.getByRole("dialog").getByRole("button", { name: "Save view" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.goto("/audit");
  await page.getByRole("button", { name: "Saved views" }).click();
  await expect(page.getByRole("link", { name: "All payment deletions" })).toBeVisible();
  await page.getByRole("link", { name }).click();
  await expect(page).toHaveURL(/action=delete/);
  await page.getByRole("button", { name: "Save view" }).click();
  const own = page.getByRole("listitem").filter({ hasText: name });
  await own.getByRole("button", { name: "Remove" }).click();
  await expect(own).toHaveCount(0);
});

test("what the console does is in the same log", async ({ page }) => {
  await page.goto("/audit?database=console&action=sign_in");
  await expect(page.getByRole("link", { name: /signed in/ }).first()).toBeVisible();
});
