import { type APIRequestContext, expect, type Page, test as setup } from "@playwright/test";
import { inDatabase } from "./foreign.ts";
import { keepAddress } from "./harness.ts";
import { open } from "./open-screen.ts";
import { invite } from "./people.ts";
import { oneDatabase } from "./screens.ts";

// A new console has done no work yet, and the screens that tell of work are tested as every other. What can be done in a
// database is done in the demo's small one, which no other test looks at.

setup.describe.configure({ mode: "parallel" });

const small = "lantern_coffee";

async function idOfSmall(client: APIRequestContext): Promise<string> {
  const html = await (await client.get("/databases", { headers: { accept: "text/html" } })).text();
  const id = new RegExp(`href="/databases/([0-9a-f-]{36})"[^>]*>${small}<`).exec(html)?.[1];
  if (!id) throw new Error(`The console lists no database ${small}: the demo was not seeded.`);
  return id;
}

/** A click before the page is alive is lost: it is repeated until the page has gone where it leads. */
async function pressUntil(page: Page, button: string | RegExp, leadsTo: RegExp): Promise<void> {
  await expect(async () => {
    if (leadsTo.test(page.url())) return;
    await page.getByRole("button", { name: button }).first().click({ timeout: 5_000 });
    await page.waitForURL(leadsTo, { timeout: 10_000 });
  }).toPass({ timeout: 50_000 });
}

setup("the administrator imports tenants, which is a job", async ({ page }) => {
  await open(page, { name: "one database", path: "/databases", via: [oneDatabase], page: "/databases/[id]" });
  // Leaving before the answer would take the question back.
  await expect(async () => {
    const answered = page.waitForResponse((response) => response.request().method() === "POST", { timeout: 5_000 });
    await page.getByRole("button", { name: "Import tenants" }).click();
    await answered;
  }).toPass({ timeout: 50_000 });
  await page.goto("/jobs");
  await expect(page.locator("main a[href^='/jobs/']").first()).toBeVisible({ timeout: 30_000 });
});

// It waits for somebody to cut over, and the tenant is none that another test takes.
setup("the administrator moves a tenant", async ({ page }) => {
  await page.goto("/tenants?status=active&tier=shared&sort=-name");
  await page.getByRole("table", { name: "Tenants" }).locator("tbody").getByRole("link").nth(3).click();
  await page.waitForURL(/\/tenants\/[0-9a-f-]{36}$/);
  await page.goto(`${new URL(page.url()).pathname}/move?tier=schema&plan=1`);
  await page.getByRole("button", { name: "Start the move…" }).press("Enter", { timeout: 50_000 });
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Start to move/ })
    .press("Enter");
  await page.waitForURL(/\/tenants\/moves\/[0-9a-f-]{36}$/);
  const { rows } = await (await page.request.get("/api/jobs?kind=moves.run")).json();
  keepAddress("move-of-job", `/tenants/moves/job/${rows[0].id}`);
});

setup("the administrator backs up a database", async ({ page }) => {
  await page.goto("/backups");
  await pressUntil(page, `Back up ${small}`, /\/jobs\//);
  await expect(page.getByRole("link", { name: "Look at the backup" })).toBeVisible({ timeout: 50_000 });
});

setup("the administrator exports entries, and has them streamed", async ({ page }) => {
  const filter = new URLSearchParams({ q: "action:delete", database: await idOfSmall(page.request) });
  await page.goto(`/audit/exports/new?${filter}`);
  await pressUntil(page, "Start export", /\/audit\/exports\/[0-9a-f-]{36}$/);
  await expect(page.getByRole("link", { name: "Download export" })).toBeVisible({ timeout: 50_000 });

  await page.goto(`/audit/streams/new?${filter}`);
  await page.getByLabel("Name").fill("To nobody");
  await page.getByLabel("Address").fill("http://127.0.0.1:9/nobody");
  await page.getByRole("button", { name: "Create stream" }).click();
  await page.getByRole("button", { name: "I have copied it" }).click();
  await page.waitForURL(/\/audit\/streams\/[0-9a-f-]{36}$/);
});

setup("the administrator names a place for checkpoints", async ({ page }) => {
  await page.goto("/audit/proof/places/new");
  await page.getByLabel("Name").fill("A share that is not mounted");
  await page.getByLabel("Folder").fill("/nowhere/checkpoints");
  await page.getByRole("button", { name: "Add place" }).click();
  await page.waitForURL(/\/audit\/proof\/places\/[0-9a-f-]{36}$/);
});

setup("a month is archived", async ({ page }) => {
  // Two people set this on the screen; that they must is proven elsewhere.
  await inDatabase(
    "caretaker",
    "INSERT INTO retention_rules (database_id, keep_months, hot_months, reason) VALUES ($1, 84, 6, 'For the screens.')",
    [await idOfSmall(page.request)],
  );
  await page.goto("/audit/retention");
  const months = page.getByRole("table", { name: `Months of ${small}` });
  await months
    .getByRole("button", { name: /^Archive/ })
    .first()
    .click();
  await page.waitForURL(/\/jobs\//);
  await expect(async () => {
    await page.goto("/audit/retention");
    await expect(months).toContainText("archived", { timeout: 2_000 });
  }).toPass({ timeout: 50_000 });
});

setup("the isolation of the demo is checked", async ({ page }) => {
  await page.goto("/tenants/isolation");
  await page.getByRole("link", { name: "demo", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Isolation of demo" })).toBeVisible();
  await expect(async () => {
    await page.getByRole("button", { name: "Check isolation" }).click();
    await expect(page.getByRole("table", { name: "Isolation by table" })).toBeVisible({ timeout: 20_000 });
  }).toPass({ timeout: 50_000 });
});

setup("a record is restored, and a person searched for", async ({ page }) => {
  const database = await idOfSmall(page.request);
  await page.goto(`/deleted/rows?${new URLSearchParams({ database, table: "posts" })}`);
  await page.getByRole("table", { name: "Deleted records" }).locator("tbody").getByRole("link").first().click();
  await page.getByRole("button", { name: "Restore 1 row…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Restore 1 row" }).click();
  await page.waitForURL(/\/deleted\/restores\/[0-9a-f-]{36}$/);

  const [user] = await inDatabase(small, "SELECT id FROM public.users ORDER BY id LIMIT 1");
  const person = new URLSearchParams({ database, schema: "public", table: "users", record: String(user?.id) });
  await page.goto(`/deleted/erasures/new?${person}`);
  await page.getByLabel("More columns with personal values").fill("public.users.email\npublic.users.name");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.getByRole("table", { name: "Findings" })).toBeVisible({ timeout: 50_000 });
});

setup("somebody is invited", async ({ page }) => {
  const link = await invite(page, `${crypto.randomUUID().slice(0, 8)}@example.com`, "support");
  keepAddress("invitation", new URL(link).pathname);
});
