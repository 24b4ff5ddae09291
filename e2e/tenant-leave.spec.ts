import { readFile } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import { inDatabase } from "./foreign.ts";
import { type OwnTenant, ownTenant } from "./own-tenant.ts";
import { confirm } from "./people.ts";
import { actTogether, confirmed } from "./second-person.ts";

test.describe.configure({ timeout: 180_000 });

// The worker writes, restores and compares before anything goes.
const eventually = expect.configure({ timeout: 90_000 });

async function suspend(page: Page, { name }: OwnTenant): Promise<void> {
  await page.getByRole("button", { name: "Suspend…" }).click();
  await page.getByRole("dialog").getByLabel(/^Type/).fill(name);
  await page.getByRole("dialog").getByLabel("Reason").fill("The contract has ended");
  await confirm(page, `Suspend ${name}`);
  await expect(page.getByText(/suspended, since/)).toBeVisible();
}

/** From the tenant's page to the dialog of its end, past the plan. */
async function plan(page: Page, tenant: OwnTenant, act: "Archive" | "Delete"): Promise<string> {
  await suspend(page, tenant);
  await page.getByRole("link", { name: `${act}…` }).click();
  const tables = page.getByRole("table", { name: "Tables" });
  await expect(tables.getByRole("row", { name: "public.users 2" })).toBeVisible();
  const button = `${act} ${tenant.name}`;
  await page.getByRole("button", { name: `${button}…` }).click();
  return button;
}

/** Waits for the job's end; no row of the tenant is left by then. */
async function leave(page: Page, { id, key }: OwnTenant): Promise<void> {
  await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);
  await eventually(page.getByRole("link", { name: "Look at the tenant" })).toBeVisible();
  await page.getByRole("link", { name: "Look at the tenant" }).click();
  await page.waitForURL(`**/tenants/${id}`);
  const left = await inDatabase(
    "demo",
    "SELECT id FROM public.users WHERE tenant_id = $1 UNION ALL SELECT id FROM public.tenants WHERE id = $1",
    [key],
  );
  expect(left).toEqual([]);
}

async function download(page: Page, what: RegExp): Promise<string> {
  const coming = page.waitForEvent("download");
  await page
    .getByRole("table", { name: "Files and certificates" })
    .getByRole("row", { name: what })
    .getByRole("link", { name: "Download" })
    .click();
  return readFile(await (await coming).path(), "utf8");
}

test("a tenant is archived, and its file has what was removed", async ({ page }) => {
  const tenant = await ownTenant(page, "archive");
  const button = await plan(page, tenant, "Archive");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/^Type/).fill(tenant.name);
  await dialog.getByLabel("Reason").fill("The contract has ended");
  await confirmed(dialog, button, "administrator", page.getByRole("heading", { level: 1, name: /^Archiv/ }));
  await leave(page, tenant);
  await expect(page.getByText(/archived, since/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Rename…" })).toHaveCount(0);
  await expect(page.getByRole("heading", { name: /^(Settings|Size by table|Backups)$/ })).toHaveCount(0);
  expect(await download(page, /^Archive, SQL/)).toContain("ines@example.com");
});

test("a tenant is deleted by two people, and nothing is left but a certificate of it", async ({ page, browser }) => {
  const tenant = await ownTenant(page, "deletion");
  const button = await plan(page, tenant, "Delete");
  const act = { subject: tenant.name, button, reason: "The contract has ended" };
  await actTogether(page, browser, act, async (officer) => {
    await expect(officer.getByRole("table", { name: "Tables" })).toContainText("public.users");
    await expect(officer.getByText("The plan that was proposed is another one")).toHaveCount(0);
  });
  await leave(page, tenant);
  await expect(page.getByText(tenant.name)).toHaveCount(0);
  const certificate = await download(page, /^Certificate/);
  expect(certificate).toContain("public.users");
  expect(certificate).not.toContain("ines@example.com");
});
