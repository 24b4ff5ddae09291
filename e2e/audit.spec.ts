import { expect, type Page, test } from "@playwright/test";
import pg from "pg";
import { controlPool } from "#db/control.ts";
import { adoptForBrowser } from "./adopted.ts";
import { alive } from "./alive.ts";

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

const box = (page: Page) => page.getByRole("combobox", { name: "Filter the audit log" });
const rowsOf = (page: Page) => page.getByRole("table", { name: "Audit entries" }).locator("tbody tr");

test("the log is filtered by the address, paged by cursor, and a filter survives a reload", async ({ page }) => {
  await page.goto(`/audit?database=${db.id}&table=invoices`);
  await expect(box(page)).toHaveValue("table:invoices");
  await expect(rowsOf(page)).toHaveCount(50);
  await page.getByRole("button", { name: "Load more" }).click();
  await expect(rowsOf(page)).toHaveCount(72);
  await box(page).fill("table:invoices action:delete");
  await box(page).press("Enter");
  await expect(rowsOf(page)).toHaveCount(1);
  await expect(page).toHaveURL(/q=.*action%3Adelete/);
  await page.reload();
  await expect(rowsOf(page)).toHaveCount(1);
  await expect(box(page)).toHaveValue("table:invoices action:delete");
});

test("text and chips are one filter, and a cell is taken in or left out by mouse and by key", async ({ page }) => {
  await page.goto(`/audit?${new URLSearchParams({ database: db.id, q: "table:invoices action:create,update" })}`);
  await page.getByRole("button", { name: "Leave out action:create,update" }).click();
  await expect(rowsOf(page)).toHaveCount(1);
  await expect(box(page)).toHaveValue("table:invoices -action:create,update");
  await page.getByRole("button", { name: "Remove action:create,update" }).click();
  await expect(page).toHaveURL(/q=table%3Ainvoices$/);
  await expect(rowsOf(page)).toHaveCount(50);
  await rowsOf(page).first().focus();
  await page.keyboard.press("f");
  await page.getByRole("link", { name: "Only record:7", exact: true }).press("Enter");
  await expect(box(page)).toHaveValue("table:invoices record:7");
  await expect(rowsOf(page)).toHaveCount(3);
  await rowsOf(page).first().hover();
  await rowsOf(page).first().getByRole("button", { name: "Filter by record:7" }).click();
  await page.getByRole("link", { name: "Leave out record:7", exact: true }).click();
  await expect(box(page)).toHaveValue("table:invoices -record:7");
});

test("a term is completed by key from fields and from values that are there", async ({ page }) => {
  await page.goto(`/audit?database=${db.id}`);
  await alive(box(page));
  await box(page).pressSequentially("tab");
  const options = page.getByRole("option");
  await expect(options.first()).toContainText("table:");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await box(page).pressSequentially("inv");
  await expect(options.first()).toContainText("invoices");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/q=table%3Ainvoices/);
});

test("what cannot be read is not asked, and is shown at its character", async ({ page }) => {
  await page.goto(`/audit?${new URLSearchParams({ q: "action:delete tabel:invoices" })}`);
  await expect(page.getByRole("alert").filter({ hasText: "Character 15" })).toContainText("Did you mean table:?");
  await expect(page.getByRole("table", { name: "Audit entries" })).toHaveCount(0);
});

test("the columns are chosen, and the address holds them", async ({ page }) => {
  await page.goto(`/audit?${new URLSearchParams({ database: db.id, q: "record:7 action:create" })}`);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByLabel("Address").check();
  await expect(page.getByRole("cell", { name: "203.0.113.9" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("columnheader", { name: "Address" })).toBeVisible();
});

test("what comes while the list is open waits behind a pill", async ({ page }) => {
  await page.goto(`/audit?${new URLSearchParams({ database: db.id, q: "table:invoices" })}`);
  await expect(rowsOf(page)).toHaveCount(50);
  await db.client.query("UPDATE invoices SET amount = amount + 1 WHERE id IN (11, 12)");
  await page.getByRole("button", { name: "2 new entries" }).click({ timeout: 20_000 });
  await expect(rowsOf(page).first()).toContainText("changed amount");
});

test("a database that falls silent while the list is open is named, by the pill and by completion", async ({
  page,
}) => {
  await page.goto(`/audit?${new URLSearchParams({ database: db.id, q: "table:invoices" })}`);
  await expect(rowsOf(page)).toHaveCount(50);
  const name = pg.escapeIdentifier(db.name);
  await controlPool().query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  try {
    await db.client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    await expect(page.getByRole("button", { name: `${db.name} does not answer: read again` })).toBeVisible({
      timeout: 20_000,
    });
    await box(page).pressSequentially(" old.status:");
    await expect(page.getByText(`Without what ${db.name} has: no answer in time.`)).toBeVisible();
    await page.reload();
    await expect(page.getByText(`The database ${db.name} accepts no connections`)).toBeVisible();
  } finally {
    await controlPool().query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  }
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
  await page.getByRole("link", { name: "Leave out record:none-such" }).click();
  await expect(page.getByRole("table", { name: "Audit entries" })).toBeVisible();
});

test("what cannot be read in an older link is named and left out", async ({ page }) => {
  await page.goto("/audit?transaction=abc&from=soon");
  await expect(page.getByText("could not be read: transaction, from")).toBeVisible();
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
  await expect(page).toHaveURL(/action%3Adelete/);
  await page.getByRole("button", { name: "Save view" }).click();
  const own = page.getByRole("listitem").filter({ hasText: name });
  await own.getByRole("button", { name: "Remove" }).click();
  await expect(own).toHaveCount(0);
});

test("what the console does is in the same log", async ({ page }) => {
  await page.goto("/audit?database=console&action=sign_in");
  await expect(page.getByRole("link", { name: /signed in/ }).first()).toBeVisible();
});
