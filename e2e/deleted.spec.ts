import { expect, type Page, test } from "@playwright/test";
import { adoptForBrowser } from "./adopted.ts";
import { stateOf } from "./harness.ts";

let db: Awaited<ReturnType<typeof adoptForBrowser>>;

test.beforeAll(async () => {
  db = await adoptForBrowser(
    `CREATE TABLE "Customer" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "eMail" text UNIQUE, token text);
     CREATE TABLE notes (id integer PRIMARY KEY, customer bigint REFERENCES "Customer", title text, deleted_at timestamptz);`,
    { Customer: { maskedColumns: ["token"] }, notes: { softDelete: { column: "deleted_at", kind: "timestamp" } } },
  );
  await db.client.query(
    `INSERT INTO "Customer" ("eMail", token) VALUES ('one@example.com', 'hunter2'), ('two@example.com', 'hunter3')`,
  );
  await db.client.query("INSERT INTO notes VALUES (1, 1, 'First note'), (2, 2, 'Second note'), (3, 2, 'Third note')");
  await db.client.query("UPDATE notes SET deleted_at = now() WHERE id = 3");
  await db.client.query(`DELETE FROM notes WHERE id < 3; DELETE FROM "Customer" WHERE id = 1`);
});

test.afterAll(() => db.close());

async function openPlan(page: Page, table: string, record: string): Promise<void> {
  await page.goto(`/deleted/rows?database=${db.id}&table=${table}&record=${record}`);
  const rows = page.getByRole("table", { name: "Deleted records" }).locator("tbody tr");
  await expect(rows).toHaveCount(1);
  await rows.getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 1, name: `Restore ${table} ${record}` })).toBeVisible();
}

test.describe("support staff", () => {
  test.use({ storageState: stateOf("support") });

  test("restore a row that is gone, and see the proof and its audit entry", async ({ page }) => {
    await openPlan(page, "notes", "2");
    await expect(page.getByText("Nothing stands in the way.")).toBeVisible();
    await page.getByRole("button", { name: "Restore notes 2…" }).click();
    await page.getByRole("dialog").getByLabel("Reason").fill("Deleted by mistake");
    await page.getByRole("dialog").getByRole("button", { name: "Restore notes 2" }).click();
    await expect(page.getByText("notes 2 is back, exactly as planned.")).toBeVisible();
    const { rows } = await db.client.query("SELECT title FROM notes WHERE id = 2");
    expect(rows).toEqual([{ title: "Second note" }]);
    await page.getByRole("link", { name: "The audit entry" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(/created notes 2$/);
    await expect(page.getByRole("main")).toContainText("Deleted by mistake");
  });

  test("take the mark off a row that is only marked as deleted", async ({ page }) => {
    await openPlan(page, "notes", "3");
    await page.getByRole("button", { name: "Restore notes 3…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Restore notes 3" }).click();
    await expect(page.getByText("notes 3 is back, exactly as planned.")).toBeVisible();
    const { rows } = await db.client.query("SELECT deleted_at FROM notes WHERE id = 3");
    expect(rows).toEqual([{ deleted_at: null }]);
  });

  test("are told of a parent that was deleted too, restore it first with a choice, then the child", async ({
    page,
  }) => {
    await openPlan(page, "notes", "1");
    await expect(page.getByText("which was deleted too. Restore that one first.")).toBeVisible();
    await expect(page.getByRole("button", { name: /^Restore notes/ })).toHaveCount(0);
    await page.getByRole("link", { name: "Plan the restore of Customer 1 first" }).click();
    await expect(page.getByText("token is masked in the audit log")).toBeVisible();
    await expect(page.getByRole("main")).not.toContainText("hunter2");
    await page.getByLabel("token").selectOption("null");
    await page.getByRole("button", { name: "Plan with these choices" }).click();
    await page.getByRole("button", { name: "Restore Customer 1…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Restore Customer 1" }).click();
    await expect(page.getByText("Customer 1 is back, exactly as planned.")).toBeVisible();
    await openPlan(page, "notes", "1");
    await expect(page.getByText("Nothing stands in the way.")).toBeVisible();
  });

  test("are refused when the world changed while they read the plan", async ({ page }) => {
    await db.client.query("INSERT INTO notes VALUES (9, NULL, 'Ninth'); DELETE FROM notes WHERE id = 9");
    await openPlan(page, "notes", "9");
    await db.client.query("INSERT INTO notes VALUES (9, NULL, 'Taken')");
    await page.getByRole("button", { name: "Restore notes 9…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Restore notes 9" }).click();
    await expect(page.getByRole("dialog")).toContainText("The plan is out of date");
  });
});

test.describe("compliance reviewers", () => {
  test.use({ storageState: stateOf("compliance") });

  test("see the plan and who may run it", async ({ page }) => {
    await db.client.query("INSERT INTO notes VALUES (5, NULL, 'Fifth'); DELETE FROM notes WHERE id = 5");
    await openPlan(page, "notes", "5");
    await expect(page.getByText("Not allowed")).toBeVisible();
    await expect(page.getByRole("button", { name: /^Restore/ })).toHaveCount(0);
  });
});
