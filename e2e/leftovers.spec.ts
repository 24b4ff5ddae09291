import { type Browser, expect, type Locator, type Page, test } from "@playwright/test";
import pg from "pg";
import { ownName as schemaOf } from "#db/managed/own-name.ts";
import { inDatabase } from "./foreign.ts";
import { stateOf } from "./harness.ts";
import { ownTenant } from "./own-tenant.ts";
import { confirmed } from "./second-person.ts";

test.describe.configure({ mode: "serial", timeout: 240_000 });

// Each look goes into every database, and each removal waits for the worker.
const eventually = expect.configure({ timeout: 90_000 });

interface Planted {
  name: string;
  schema: string;
}

const inDemo = (sql: string) => inDatabase("demo", sql);

/** The schema that a move would make for a tenant of the test's own, as a worker leaves it that died before the cutover. */
async function plant(page: Page): Promise<Planted> {
  const { name, id } = await ownTenant(page, "leftover");
  const schema = schemaOf(id);
  const [row] = await inDemo(
    "SELECT quote_ident(pg_get_userbyid(nspowner)) AS mover FROM pg_namespace WHERE nspname = 'caretaker'",
  );
  await inDemo(`SET ROLE ${row?.mover}; CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.posts (LIKE public.posts)`);
  return { name, schema };
}

async function look(page: Page): Promise<void> {
  await page.goto("/tenants/moves");
  await page.getByRole("link", { name: "Leftovers" }).click();
  await eventually(page.getByRole("heading", { level: 1, name: "Leftovers of moves" })).toBeVisible();
  await eventually(page.getByText(/in \d+ databases? that answered/)).toBeVisible();
}

function item(page: Page, { schema }: Planted): Locator {
  return page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: schema }) });
}

test("an empty schema of a dead move is removed after a look at its SQL", async ({ page }) => {
  const planted = await plant(page);
  await look(page);
  const shown = item(page, planted);
  await expect(shown).toContainText(`${planted.name} lives in demo.public`);
  await shown.getByText(/statements to remove it/).click();
  await expect(shown).toContainText(`DROP SCHEMA "${planted.schema}" CASCADE;`);
  await shown.getByRole("button", { name: "Remove…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("No row goes with it.");
  await dialog.getByRole("button", { name: `Remove ${planted.schema}` }).click();
  await eventually(page.getByText("1 leftover is gone.")).toBeVisible();
  await expect(page.getByRole("heading", { level: 3, name: planted.schema })).toHaveCount(0);
  expect(await inDemo(`SELECT FROM pg_namespace WHERE nspname = '${planted.schema}'`)).toEqual([]);
});

test("rows go only after a second person agreed, and what is not certain has no button", async ({ page, browser }) => {
  const planted = await plant(page);
  await inDemo(`INSERT INTO ${planted.schema}.posts SELECT * FROM public.posts LIMIT 3`);
  await look(page);
  await expect(item(page, planted)).toContainText("It holds rows, and neither a gate nor the console's books say how");
  await expect(item(page, planted).getByRole("button")).toHaveCount(0);

  await inDemo(
    `INSERT INTO caretaker.gates (tenant_key, schema_name, state, move_id, placement, before)
     SELECT id::text, '${planted.schema}', 'importing', gen_random_uuid(), '{"database": "demo", "schema": "public"}', '{}'
       FROM public.tenants WHERE name = ${pg.escapeLiteral(planted.name)}`,
  );
  await look(page);
  await item(page, planted).getByRole("button", { name: "Remove…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Tables with 3 rows go for good. A second person must approve.");
  await dialog.getByLabel(/^Type/).fill(planted.schema);
  await dialog.getByLabel("Reason").fill("Left by a worker that died");
  const ask = dialog.getByRole("button", { name: "Ask for approval" });
  await confirmed(dialog, `Remove ${planted.schema}`, "administrator", ask);
  await ask.click();
  await expect(dialog.getByRole("status").filter({ hasText: "Another person decides" })).toBeVisible();
  await approve(browser, planted);
  await dialog.getByRole("button", { name: `Remove ${planted.schema}` }).click();
  await eventually(page.getByText("1 leftover is gone.")).toBeVisible();
  await expect(page.getByText(/Removed: table t_\w+\.posts with 3 rows/)).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
});

/** The other person follows the way to the plan, sees what goes, and approves. */
async function approve(browser: Browser, { schema }: Planted): Promise<void> {
  const context = await browser.newContext({ storageState: stateOf("compliance") });
  const officer = await context.newPage();
  await officer.goto("/settings/approvals");
  const card = officer.getByRole("listitem").filter({ hasText: `moves.sweep ${schema}` });
  await card.getByRole("link", { name: "Look at the plan" }).click();
  await eventually(officer.getByText("Only the 1 leftover of one plan is shown.")).toBeVisible();
  await expect(item(officer, { name: "", schema })).toContainText("3 rows");
  await expect(officer.getByRole("button", { name: /Remove/ })).toHaveCount(0);
  await officer.goBack();
  await card.getByRole("button", { name: /^Approve for/ }).click();
  const dialog = officer.getByRole("dialog");
  await confirmed(dialog, /^Approve for/, "compliance", card.getByText("approved, not used yet"));
  await context.close();
}
