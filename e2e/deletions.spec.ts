import { expect, test } from "@playwright/test";
import { adoptForBrowser } from "./adopted.ts";
import { alive } from "./alive.ts";
import { stateOf } from "./harness.ts";

let db: Awaited<ReturnType<typeof adoptForBrowser>>;

test.use({ storageState: stateOf("support") });

test.beforeAll(async () => {
  db = await adoptForBrowser(
    `CREATE TABLE teams (id integer PRIMARY KEY, name text UNIQUE, deleted_at timestamptz);
     CREATE TABLE posts (id integer PRIMARY KEY, team integer REFERENCES teams ON DELETE CASCADE, title text);`,
    { teams: { softDelete: { column: "deleted_at", kind: "timestamp" } } },
  );
  await db.client.query(
    `INSERT INTO teams VALUES (1, 'One'), (2, 'Two'); INSERT INTO posts VALUES (1, 1, 'First'), (2, 1, 'Second')`,
  );
  await db.client.query(`BEGIN; SELECT caretaker.set_context(user_id => 'u-1', request_id => 'req-9', reason => 'Contract ended');
    DELETE FROM teams WHERE id = 1; UPDATE teams SET deleted_at = now() WHERE id = 2; COMMIT`);
});

test.afterAll(() => db.close());

test("a deletion is found by its request, shows what it took, and leads to the restore of a selection of it", async ({
  page,
}) => {
  await page.goto(`/deleted?database=${db.id}&q=request%3Areq-9`);
  const rows = page.getByRole("table", { name: "Deletions" }).locator("tbody tr");
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText("u-1 deleted");
  await expect(rows).toContainText("Contract ended");
  await alive(rows.first());
  await rows.first().focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("u-1 deleted");
  const taken = page.getByRole("table", { name: "Rows of the deletion" }).locator("tbody tr");
  await expect(taken).toHaveCount(4);
  await taken.filter({ hasText: "Second" }).getByRole("checkbox").check();
  await expect(page.getByRole("link", { name: "Plan the restore of 1" })).toHaveAttribute(
    "href",
    new RegExp(`^/deleted/restore\\?database=${db.id}&row=\\d+$`),
  );
});

test("the health of soft deletes names what keeps a name taken, with the statements that mend it", async ({ page }) => {
  await page.goto(`/deleted/health?database=${db.id}`);
  const teams = page.getByRole("region", { name: /^public.teams of / });
  await expect(teams).toContainText("teams_name_key");
  await expect(teams).toContainText("CREATE UNIQUE INDEX CONCURRENTLY");
});
