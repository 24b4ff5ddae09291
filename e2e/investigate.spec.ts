import { expect, test } from "@playwright/test";
import { adoptForBrowser } from "./adopted.ts";
import { violations } from "./axe.ts";

let db: Awaited<ReturnType<typeof adoptForBrowser>>;

test.beforeAll(async () => {
  db = await adoptForBrowser(
    `CREATE TABLE people (id bigint PRIMARY KEY, name text, email text);
     CREATE TABLE orders (id bigint PRIMARY KEY, person_id bigint REFERENCES people ON DELETE CASCADE, number text, lines jsonb);`,
    {},
  );
  await db.client.query(`
    INSERT INTO people VALUES (1, 'Grace Hopper', 'grace@navy.example'), (2, 'Kay', 'kay@navy.example');
    INSERT INTO orders VALUES (10, 1, 'ORD-10', '[{"id": 1, "qty": 1}]'), (11, 1, 'ORD-11', '[]'), (12, 2, 'ORD-12', '[]')`);
  await db.client.query(`UPDATE orders SET lines = '[{"id": 7, "qty": 2}, {"id": 1, "qty": 5}]' WHERE id = 10`);
  await db.client.query("BEGIN");
  await db.client.query(
    "SELECT caretaker.set_context(user_id => 'u-9', ip_address => '203.0.113.9', request_id => 'req-77', reason => 'Asked to leave')",
  );
  await db.client.query("DELETE FROM people WHERE id = 1");
  await db.client.query("COMMIT");
});

test.afterAll(() => db.close());

test("who deleted this is answered by e-mail in one screen, down to the way back", async ({ page }) => {
  await page.goto(`/audit/who?database=${db.id}`);
  await page.getByLabel("What is gone").fill("GRACE@navy.example");
  await page.getByRole("button", { name: "Find who deleted it" }).click();
  await page.waitForURL(/q=GRACE/);
  await expect(page.getByText("Actor u-9 deleted the person Grace Hopper.")).toBeVisible();
  const main = page.getByRole("main");
  await expect(main).toContainText("203.0.113.9");
  await expect(main).toContainText("“Asked to leave”");
  await expect(main).toContainText("Actor u-9 deleted 2 orders and 1 person.");
  await expect(main.getByRole("link", { name: "order ORD-10" })).toBeVisible();
  await expect(page.getByRole("table", { name: "Changes of public.people 1" })).toContainText("grace@navy.example");
  expect(await violations(page)).toEqual([]);
  await page.getByRole("link", { name: "Plan a restore" }).click();
  await page.waitForURL(/\/deleted\/restore/);
  await expect(page.getByRole("heading", { level: 1, name: "Restore people 1" })).toBeVisible();
});

test("what was never deleted, and what nobody knows, are told apart", async ({ page }) => {
  await page.goto(`/audit/who?database=${db.id}&q=12`);
  await expect(page.getByText("It has not been deleted")).toBeVisible();
  await page.goto(`/audit/who?database=${db.id}&q=nobody@navy.example`);
  await expect(page.getByText("Nothing that was deleted is called so")).toBeVisible();
});

test("a request is one story, and its transaction another door to it", async ({ page }) => {
  await page.goto("/audit/transaction?request=req-77");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Actor u-9 deleted 2 orders and 1 person");
  await page.getByRole("link", { name: "As one story" }).click();
  await page.waitForURL(/\/audit\/transaction\/[0-9a-f-]+\/\d+/);
  await expect(page.getByRole("table", { name: "What was done, by table" })).toContainText("orders");
  expect(await violations(page)).toEqual([]);
});

test("two versions of a record are compared into their lists, and the record is shown as it was", async ({ page }) => {
  await page.goto(
    `/audit/record?${new URLSearchParams({ database: db.id, schema: "public", table: "orders", key: "10" })}`,
  );
  await page.getByLabel("One version").selectOption({ index: 2 });
  await page.getByLabel("Another version").selectOption({ index: 1 });
  await page.getByRole("button", { name: "Compare them" }).click();
  await page.waitForURL(/[?&]a=\d+/);
  const changes = page.getByRole("table", { name: "Changes of public.orders 10" });
  await expect(changes).toContainText("lines[1].qty");
  await expect(changes).toContainText("lines[0]");
  await page.getByLabel("At this time (UTC)").fill("2000-01-01T00:00:00");
  await page.getByRole("button", { name: "Show the record then" }).click();
  await page.waitForURL(/[?&]at=2000/);
  await expect(page.getByText("It did not exist then")).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test("an actor's activity is told by request", async ({ page }) => {
  await page.goto("/audit/actor?id=u-9");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Actor u-9");
  await expect(page.getByRole("main")).toContainText("deleted 2 orders and 1 person");
  expect(await violations(page)).toEqual([]);
});
