import { expect, test } from "@playwright/test";
import { inDatabase } from "./foreign.ts";
import { stateOf } from "./harness.ts";
import { fillTenant, ownName, ownTenant } from "./own-tenant.ts";
import { confirm } from "./people.ts";

test("the list is searched, and says so when nothing matches", async ({ page }) => {
  await page.goto("/tenants");
  await expect(page.getByRole("heading", { name: "Tenants", level: 1 })).toBeVisible();
  await expect(page.getByText(/\d+ tenants in/)).toBeVisible();
  await page.getByLabel("Search", { exact: true }).fill("no tenant is called this");
  await expect(page).toHaveURL(/q=no\+?(%20)?tenant/);
  await expect(page.getByText("No tenant matches")).toBeVisible();
  await page.getByRole("link", { name: "Clear the filters" }).click();
  await expect(page.getByRole("table", { name: "Tenants" })).toBeVisible();
});

test("a later page brings other tenants than the first", async ({ page }) => {
  await page.goto("/tenants?limit=5");
  const names = page.getByRole("table", { name: "Tenants" }).locator("tbody").getByRole("link");
  await expect(names).toHaveCount(5);
  await page.getByRole("button", { name: /more/i }).click();
  await expect(names).toHaveCount(10);
  const links = await names.evaluateAll((all) => all.map((one) => one.getAttribute("href")));
  expect(new Set(links).size).toBe(10);
});

test("a tenant is renamed, suspended and reopened, and each is recorded", async ({ page }) => {
  const { name } = await ownTenant(page, "name");
  const after = `${name} renamed`;

  await page.getByRole("button", { name: "Rename…" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill(after);
  await page.getByRole("button", { name: "Rename tenant" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(after);

  await page.getByRole("button", { name: "Suspend…" }).click();
  await page.getByRole("dialog").getByLabel(/^Type/).fill(after);
  await page.getByRole("dialog").getByLabel("Reason").fill("A test of the browser");
  await confirm(page, `Suspend ${after}`);
  await expect(page.getByText(/suspended, since/)).toContainText("A test of the browser");

  await page.getByRole("button", { name: `Reopen ${after}` }).click();
  await expect(page.getByText(/active, since/)).toBeVisible();
  await expect(page.getByRole("table", { name: "Recent changes" })).toContainText("tenants");
});

test("the create form asks for what the application's table needs", async ({ page }) => {
  await page.goto("/tenants/create");
  await expect(page.getByRole("heading", { name: "Create tenant", level: 1 })).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toBeVisible();
});

test("a tenant gets a schema of its own by a plan, its contract is kept, and it is not archived before it is suspended", async ({
  page,
}) => {
  test.setTimeout(180_000);
  const name = ownName("schema");
  await page.goto("/tenants/create?tier=schema");
  await fillTenant(page, name);
  await page.getByRole("button", { name: "Look at the plan" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`New tenant ${name}`);
  await expect(page.getByText(/CREATE SCHEMA|schema "t_/).first()).toBeVisible();
  await page.getByRole("button", { name: `Create ${name}` }).click();
  await page.getByRole("link", { name: "Look at the tenant" }).click({ timeout: 90_000 });
  await expect(page.getByText("lives in its own schema")).toBeVisible();

  await page.getByRole("button", { name: "Edit…" }).click();
  await page.getByRole("dialog").getByLabel("Residency").fill("eu-north");
  await page.getByRole("button", { name: "Save contract and notes" }).click();
  await expect(page.getByText("eu-north")).toBeVisible();

  await page.getByRole("link", { name: "Archive…" }).click();
  await expect(page.getByText("It is not suspended")).toBeVisible();
});

test("advice says why, and the list is kept as a view and read as a file", async ({ page }) => {
  await page.goto("/tenants/advice");
  await expect(page.getByRole("heading", { name: "Advice", level: 1 })).toBeVisible();
  await page.goto("/tenants?sort=-size");
  await page.getByRole("button", { name: "Save view" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Largest");
  await page.getByRole("dialog").getByRole("button", { name: "Save view" }).click();
  await page.getByRole("button", { name: "Saved views" }).click();
  await expect(page.getByRole("link", { name: "Largest" })).toBeVisible();
  const csv = await page.request.get("/api/tenants/csv?sort=-size");
  expect((await csv.text()).split("\r\n")[0]).toContain("id,key,name,slug,status,tier");
});

test("many tenants are suspended and reopened at once", async ({ page }) => {
  const many = [await ownTenant(page, "many"), await ownTenant(page, "many")];
  const choose = async (status: string) => {
    await page.goto(`/tenants?status=${status}&tier=shared&q=Own+many`);
    for (const { name } of many) await page.getByRole("row", { name }).getByRole("checkbox").check();
  };
  await choose("active");
  await page.getByRole("button", { name: "Suspend 2 tenants…" }).click();
  await page.getByRole("dialog").getByLabel(/^Type/).fill("2 tenants");
  await page.getByRole("dialog").getByLabel("Reason").fill("A test of many");
  await confirm(page, "Suspend 2 tenants");
  await expect(page.getByText("2 tenants suspended")).toBeVisible();
  await choose("suspended");
  await page.getByRole("button", { name: "Reopen 2 tenants" }).click();
  await expect(page.getByText("2 tenants reopened")).toBeVisible();
});

test("whoever is refused among many is told of until it was read, also when the list shows nobody any more", async ({
  page,
}) => {
  const [one, other] = [await ownTenant(page, "refused"), await ownTenant(page, "refused")];
  await page.goto("/tenants?status=active&tier=shared&q=Own+refused");
  for (const { name } of [one, other]) await page.getByRole("row", { name }).getByRole("checkbox").check();
  await inDatabase("caretaker", "UPDATE tenants SET status = 'archived' WHERE id = $1", [other.id]);
  await page.getByRole("button", { name: "Suspend 2 tenants…" }).click();
  await page.getByRole("dialog").getByLabel(/^Type/).fill("2 tenants");
  await page.getByRole("dialog").getByLabel("Reason").fill("A test of refusals");
  await confirm(page, "Suspend 2 tenants");
  const told = page.getByRole("main").getByRole("alert");
  await expect(page.getByRole("row", { name: one.name })).toHaveCount(0);
  await expect(told).toContainText(`1 tenant suspended, 1 refused. ${other.name}: ${other.name} is archived.`);
  await told.getByRole("button", { name: "Close" }).click();
  await expect(told).toHaveCount(0);
});

test.describe("for support", () => {
  test.use({ storageState: stateOf("support") });

  test("tenants are read and nothing offers to change them", async ({ page }) => {
    await page.goto("/tenants");
    await expect(page.getByRole("link", { name: "Create tenant" })).toHaveCount(0);
    await page.getByRole("table", { name: "Tenants" }).locator("tbody").getByRole("link").first().click();
    await expect(page.getByRole("heading", { name: "Placement" })).toBeVisible();
    await expect(page.getByRole("button", { name: /Suspend|Rename/ })).toHaveCount(0);
    await page.goto("/tenants/create");
    await expect(page.getByText("tenants.write")).toBeVisible();
  });
});
