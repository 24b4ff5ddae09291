import { expect, type Page, test } from "@playwright/test";
import { adoptForBrowser } from "./adopted.ts";
import { violations } from "./axe.ts";
import { stateOf } from "./harness.ts";
import { approve } from "./second-person.ts";

let db: Awaited<ReturnType<typeof adoptForBrowser>>;

test.beforeAll(async () => {
  db = await adoptForBrowser(
    `CREATE TABLE "Customer" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "eMail" text UNIQUE, token text);
     CREATE TABLE notes (id integer PRIMARY KEY, customer bigint REFERENCES "Customer" ON DELETE CASCADE, title text, deleted_at timestamptz);
     CREATE TABLE marks (note integer REFERENCES notes ON DELETE CASCADE, mark text, PRIMARY KEY (note, mark));
     CREATE TABLE shops (id integer PRIMARY KEY, slug text UNIQUE, title text);
     CREATE TABLE wares (id integer PRIMARY KEY, shop integer REFERENCES shops ON DELETE CASCADE, name text);`,
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

async function run(page: Page, button: string, reason = ""): Promise<void> {
  await page.getByRole("button", { name: `${button}…` }).click();
  const dialog = page.getByRole("dialog");
  if (reason !== "") await dialog.getByLabel("Reason").fill(reason);
  await dialog.getByRole("button", { name: button }).click();
}

async function lastDeletion(): Promise<string> {
  const { rows } = await db.client.query<{ xact: string }>(
    "SELECT transaction_id::text AS xact FROM caretaker.audit_logs WHERE action = 'delete' ORDER BY audit_logs.id DESC LIMIT 1",
  );
  return rows[0]?.xact ?? "";
}

test("a deletion over several tables comes back with a choice for its clash, its report proves it, and it can be undone", async ({
  page,
}) => {
  await db.client.query(`INSERT INTO shops VALUES (1, 'acme', 'Acme'); INSERT INTO wares SELECT n, 1, 'Ware ' || n FROM generate_series(1, 3) n;
    DELETE FROM shops; INSERT INTO shops VALUES (2, 'acme', 'Another Acme')`);
  await page.goto(`/deleted/restore?database=${db.id}&transaction=${await lastDeletion()}`);
  await expect(page.getByText("One problem is open, in 1 row")).toBeVisible();
  await expect(page.getByText("The live row, shops 2, holds the same slug")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Restore \d/ })).toHaveCount(0);
  expect(await violations(page)).toEqual([]);
  await page.getByLabel("What to do").selectOption("rename");
  await page.getByRole("textbox", { name: /^Other value/ }).fill("acme-old");
  await page.getByRole("button", { name: "Plan with these choices" }).click();
  await expect(page.getByText("4 rows of 2 tables in")).toBeVisible();

  await page.reload();
  await expect(page.getByRole("textbox", { name: /^Other value/ })).toHaveValue("acme-old");
  await page.getByRole("link", { name: "public.shops" }).click();
  await page.getByRole("link", { name: "Acme (1)" }).click();
  await expect(page.getByRole("table", { name: "Fields as they will be written" })).toContainText("acme-old");

  await run(page, "Restore 4 rows", "The customer asked");
  await expect(page.getByRole("heading", { level: 1, name: /^Restore of deletion/ })).toBeVisible();
  await expect(page.getByText("4 rows: 3 exactly as they were, 1 but for what was chosen")).toBeVisible();
  await expect(page.getByRole("table", { name: "Rows with their proofs" })).toContainText(
    "equal but for what was chosen: slug",
  );
  await expect(page.getByText("The customer asked")).toBeVisible();
  expect(await violations(page)).toEqual([]);
  const { rows } = await db.client.query(
    "SELECT s.slug, count(w.*)::int AS wares FROM shops s LEFT JOIN wares w ON w.shop = s.id GROUP BY 1 ORDER BY 1",
  );
  expect(rows).toEqual([
    { slug: "acme", wares: 0 },
    { slug: "acme-old", wares: 3 },
  ]);
  const id = new URL(page.url()).pathname.split("/").at(-1);
  const csv = await page.request.get(`/api/deleted/restores/${id}?format=csv`);
  expect((await csv.text()).trim().split("\r\n")).toHaveLength(5);
  const json = await (await page.request.get(`/api/deleted/restores/${id}?format=json`)).json();
  expect(json).toMatchObject({ state: "done", written: 4, rows: [{}, {}, {}, {}] });

  await page.getByRole("link", { name: "Plan the undo" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^Undo the restore of deletion/ })).toBeVisible();
  await run(page, "Undo 4 rows");
  await expect(page.getByText("4 rows taken back")).toBeVisible();
  expect((await db.client.query("SELECT id FROM shops")).rows).toEqual([{ id: 2 }]);
  await page.goto("/deleted/restores");
  await expect(page.getByRole("table", { name: "Restores" })).toContainText("undone");
  expect(await violations(page)).toEqual([]);
});

test("a record goes back to an earlier version from its history", async ({ page }) => {
  await db.client.query(
    "INSERT INTO shops VALUES (7, 'seven', 'Seven'); UPDATE shops SET title = 'Eight' WHERE id = 7",
  );
  await page.goto(`/audit/record?database=${db.id}&schema=public&table=shops&key=7`);
  await page.locator("details").first().click();
  await page.getByRole("link", { name: "title as it was before" }).click();
  await expect(page.getByText("1 row of 1 table in")).toBeVisible();
  await run(page, "Take the record back");
  await expect(page.getByText("1 row: 1 exactly as it was")).toBeVisible();
  expect((await db.client.query("SELECT title FROM shops WHERE id = 7")).rows).toEqual([{ title: "Seven" }]);
});

test.describe("support staff", () => {
  test.use({ storageState: stateOf("support") });

  test("restore a row that is gone, and see its proof and its history", async ({ page }) => {
    await openPlan(page, "notes", "2");
    await expect(page.getByText("Nothing stands in the way.")).toBeVisible();
    await run(page, "Restore 1 row", "Deleted by mistake");
    await expect(page.getByText("1 row: 1 exactly as it was")).toBeVisible();
    const { rows } = await db.client.query("SELECT title FROM notes WHERE id = 2");
    expect(rows).toEqual([{ title: "Second note" }]);
    await page.getByRole("link", { name: "notes 2" }).click();
    await expect(page.getByRole("main")).toContainText("Deleted by mistake");
  });

  test("take the mark off a row that is only marked as deleted", async ({ page }) => {
    await openPlan(page, "notes", "3");
    await run(page, "Restore 1 row");
    await expect(page.getByText("1 row: 1 exactly as it was")).toBeVisible();
    const { rows } = await db.client.query("SELECT deleted_at FROM notes WHERE id = 3");
    expect(rows).toEqual([{ deleted_at: null }]);
  });

  test("choose to bring a parent back too, and ask an administrator, since there was something to decide", async ({
    page,
    browser,
  }) => {
    await openPlan(page, "notes", "1");
    await expect(page.getByText("It belongs to Customer 1, which was deleted too.")).toBeVisible();
    await page.getByLabel("What to do").selectOption("include");
    await page.getByRole("button", { name: "Plan with these choices" }).click();
    await expect(page.getByText("token is masked in the audit log")).toBeVisible();
    await expect(page.getByRole("main")).not.toContainText("hunter2");
    await page.getByLabel("What to do").first().selectOption("null");
    await page.getByRole("button", { name: "Plan with these choices" }).click();
    await expect(page.getByText("2 rows of 2 tables in")).toBeVisible();
    await run(page, "Restore 2 rows", "Ticket 12");
    await page.getByRole("button", { name: "Ask for approval" }).click();
    await expect(page.getByText("Another person decides under")).toBeVisible();

    await approve(browser, "administrator", "notes 1", (admin) =>
      expect(admin.getByText("2 rows of 2 tables in")).toBeVisible(),
    );

    await page.getByRole("dialog").getByRole("button", { name: "Restore 2 rows" }).click();
    await expect(page.getByText("2 rows: 1 exactly as it was, 1 but for what was chosen")).toBeVisible();
  });

  test("are refused when the world changed while they read the plan, and told what changed", async ({ page }) => {
    await db.client.query("INSERT INTO notes VALUES (9, NULL, 'Ninth'); DELETE FROM notes WHERE id = 9");
    await openPlan(page, "notes", "9");
    await db.client.query("INSERT INTO notes VALUES (9, NULL, 'Taken')");
    await run(page, "Restore 1 row");
    await expect(page.getByRole("dialog")).toContainText("The plan is out of date");
    await expect(page.getByRole("dialog")).toContainText("A live row has this key already, notes 9");
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
