import { expect, type Page, test } from "@playwright/test";
import { stateOf } from "./harness.ts";

test.describe.configure({ mode: "serial", timeout: 240_000 });

// Each step waits for the worker.
const eventually = expect.configure({ timeout: 90_000 });

/** The last by name, which no other test touches. */
async function openTenant(page: Page): Promise<string> {
  await page.goto("/tenants?status=active&tier=shared&sort=-name");
  const link = page.getByRole("table", { name: "Tenants" }).locator("tbody").getByRole("link").first();
  const name = await link.innerText();
  await link.click();
  await eventually(page.getByRole("heading", { level: 1, name })).toBeVisible();
  return name;
}

/** Opens the dialog of a verb by keyboard and confirms it. */
async function act(page: Page, label: string, confirm: string): Promise<void> {
  await page.getByRole("button", { name: label }).press("Enter");
  await page.getByRole("dialog", { name: confirm }).getByRole("button", { name: confirm, exact: true }).press("Enter");
  await expect(page.getByRole("dialog")).toHaveCount(0);
}

test("a tenant is moved to a schema of its own by keyboard, cut over, brought back and left as it was", async ({
  page,
}) => {
  const name = await openTenant(page);
  await page.getByRole("link", { name: "Move…" }).press("Enter");
  await page.getByRole("button", { name: "Look at the plan" }).press("Enter");
  await eventually(page.getByRole("table", { name: "Tables to move" })).toBeVisible();
  await expect(page.getByText("Nothing has changed yet.")).toBeVisible();
  await act(page, "Start the move…", `Start to move ${name}`);

  await page.waitForURL(/\/tenants\/moves\/[0-9a-f-]{36}$/);
  await eventually(page.getByRole("button", { name: "Cut over…" })).toBeVisible();
  await expect(page.getByRole("table", { name: "Tables of the move" })).toContainText("rows equal");
  await expect(page).toHaveTitle(/ready to cut over · Move of /);
  await expect(page.getByRole("button", { name: /Reverse|Complete/ })).toHaveCount(0);

  await act(page, "Cut over…", `Cut over ${name}`);
  await eventually(page.getByRole("button", { name: "Reverse…" })).toBeVisible();
  await expect(page.getByText(/writers waited/).first()).toBeVisible();
  await expect(page.getByText(/reversible until it is completed/)).toBeVisible();
  // Its way back is promised for three days.
  await expect(page.getByRole("button", { name: "Complete…" })).toHaveCount(0);

  await act(page, "Reverse…", `Reverse the move of ${name}`);
  await eventually(page.getByRole("button", { name: "Abort…" })).toBeVisible();
  await act(page, "Abort…", `Abort the move of ${name}`);
  await eventually(page.getByText("aborted", { exact: true }).first()).toBeVisible();
  await expect(page.getByRole("button", { name: /Cut over|Reverse|Complete|Abort/ })).toHaveCount(0);

  const newest = page.getByRole("list", { name: "Log of the move" }).getByRole("listitem").first();
  await eventually(newest).toContainText("The tenant stays where it is");

  await page.goto("/tenants/moves");
  await expect(page.getByRole("table", { name: "Moves" })).toContainText(name);
});

test("a move that does not exist is not found", async ({ page }) => {
  await page.goto("/tenants/moves/00000000-0000-4000-8000-000000000000");
  await expect(page.getByRole("heading", { level: 1, name: "Not found" })).toBeVisible();
});

test.describe("for support", () => {
  test.use({ storageState: stateOf("support") });

  test("a plan of a move is read, and nothing offers to start it", async ({ page }) => {
    await openTenant(page);
    await expect(page.getByRole("link", { name: "Move…" })).toHaveCount(0);
    await page.goto(`${new URL(page.url()).pathname}/move?tier=schema&plan=1`);
    await eventually(page.getByRole("table", { name: "Tables to move" })).toBeVisible();
    await expect(page.getByText("tenants.move")).toBeVisible();
    await expect(page.getByRole("button", { name: "Start the move…" })).toHaveCount(0);
  });
});
