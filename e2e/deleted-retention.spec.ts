import { expect, test } from "@playwright/test";
import { adoptForBrowser } from "./adopted.ts";

let db: Awaited<ReturnType<typeof adoptForBrowser>>;

test.beforeAll(async () => {
  db = await adoptForBrowser(
    "CREATE TABLE notes (id integer PRIMARY KEY, tenant text, status text, deleted_at timestamptz)",
    {
      notes: { class: "tenant", tenantColumn: "tenant", softDelete: { column: "deleted_at", kind: "timestamp" } },
    },
  );
  await db.client.query(`INSERT INTO notes SELECT n, 'acme', 'open', now() - make_interval(days => n) FROM generate_series(1, 60) AS n;
    INSERT INTO notes VALUES (100, 'zen', 'disputed', NULL)`);
});

test.afterAll(async () => {
  await db.client.query("DELETE FROM caretaker.holds");
  await db.close();
});

test("a policy shows what would go on which day, counts in a dry run, and waits for a second person", async ({
  page,
}) => {
  test.slow();
  await page.goto("/deleted/retention");
  const policies = page.getByRole("table", { name: `Policies of ${db.name}` });
  await policies.getByRole("button", { name: "Set a policy" }).click();
  await page.getByRole("spinbutton", { name: "Grace period, in days" }).fill("40");
  await page.getByRole("button", { name: "Show what it means" }).click();
  await page.waitForURL(/retention\/change/);
  await expect(page.getByText("Marked rows would be kept for 40 days, then removed.")).toBeVisible();
  await expect(page.getByRole("img", { name: /Rows that would go: 60 from/ })).toBeVisible();
  const today = new Date().toISOString().slice(0, 10);
  await expect(page.getByRole("row", { name: new RegExp(`${today} public.notes acme 2[01]`) })).toBeVisible();
  await page.getByRole("button", { name: "Set the policy…" }).click();
  await page.getByRole("textbox", { name: "Reason" }).fill("As agreed with Acme.");
  await page.getByRole("button", { name: "Set the policy", exact: true }).click();
  await page.waitForURL(/\/deleted\/retention$/);
  await expect(policies).toContainText("kept for 40 days, then removed");
  await expect(policies).toContainText("dry runs");

  await page.getByRole("region", { name: db.name }).getByRole("button", { name: "Start a dry run" }).click();
  const runs = page.getByRole("table", { name: `Runs over ${db.name}` });
  await expect(async () => {
    await page.goto("/deleted/retention");
    await expect(runs.getByRole("row", { name: /Dry run.*done.*2[01]/ })).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });

  await policies.getByRole("button", { name: "Switch on" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Reason" }).fill("Looked at the dry run.");
  await dialog.getByRole("textbox", { name: /type/i }).fill(`${db.name} public.notes`);
  await dialog.getByRole("button", { name: "Switch on the purge of public.notes" }).click();
  await expect(page.getByRole("button", { name: /Ask for approval|Confirm|password/i }).first()).toBeVisible();
  const { rows } = await db.client.query("SELECT count(*)::int AS n FROM notes");
  expect(rows).toEqual([{ n: 61 }]);
});

test("a hold is placed by one person, and the application cannot remove what it keeps", async ({ page }) => {
  const name = `Case ${db.name}`;
  await page.goto("/deleted/holds");
  await page.getByRole("link", { name: "Place a hold" }).click();
  await page.getByRole("link", { name: "Certain values" }).click();
  await expect(page.getByText("Rows of one table whose columns hold certain values")).toBeVisible();
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByRole("combobox", { name: "Database" }).selectOption({ label: db.name });
  await page.getByRole("textbox", { name: "Table" }).fill("public.notes");
  await page.getByRole("textbox", { name: "Values" }).fill("status = disputed");
  await page.getByRole("textbox", { name: "Reason" }).fill("Acme against Zen");
  await page.getByRole("button", { name: "Place the hold" }).click();
  await page.waitForURL(/\/deleted\/holds$/);
  const row = page.getByRole("table", { name: "Legal holds" }).getByRole("row", { name: new RegExp(name) });
  await expect(row).toContainText("in force", { timeout: 30_000 });
  await expect(row).toContainText("public.notes where status = disputed");
  await expect(db.client.query("DELETE FROM notes WHERE id = 100")).rejects.toThrow(
    `The legal hold "${name}" keeps public.notes 100.`,
  );
  await page.goto("/audit/retention");
  await expect(page.getByText(`${name}: public.notes where status = disputed`)).toBeVisible();
});
