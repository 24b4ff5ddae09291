import { type Browser, expect, type Page, test } from "@playwright/test";
import pg from "pg";
import { serverUrl, stateOf } from "./harness.ts";
import { confirmed } from "./second-person.ts";

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
  await expect(page.getByRole("button", { name: "Look at the plan" })).toBeFocused();
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

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("a move that waits for a lock is paused, slowed down and resumed", async ({ page }) => {
    // Whoever writes to a table holds off the move's triggers, so that the move stands still for as long as this.
    const writer = new pg.Client(Object.assign(new URL(serverUrl()), { pathname: "/demo" }).href);
    await writer.connect();
    await writer.query("BEGIN; LOCK TABLE public.posts IN ROW EXCLUSIVE MODE");
    const name = await openTenant(page);
    try {
      await page.goto(`${new URL(page.url()).pathname}/move?tier=schema&plan=1`);
      await eventually(page.getByRole("table", { name: "Tables to move" })).toBeVisible();
      await act(page, "Start the move…", `Start to move ${name}`);
      await page.waitForURL(/\/tenants\/moves\/[0-9a-f-]{36}$/);

      await page.getByRole("button", { name: "Pause" }).press("Enter");
      await expect(page.getByText(/^paused while /).first()).toBeVisible();
      await expect(page.getByText(/Paused by /)).toContainText("nothing that is copied is lost");

      await page.getByRole("button", { name: "Throttle…" }).press("Enter");
      await page.getByRole("dialog").getByLabel("Rows a second").fill("500");
      await page.getByRole("dialog").getByLabel("Rows a second").press("Enter");
      await expect(page.getByText("at most 500 rows a second").first()).toBeVisible();
      await expect(page.getByRole("button", { name: "Throttle…" })).toBeFocused();

      await page.getByRole("button", { name: "Resume" }).press("Enter");
      await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
    } finally {
      await writer.end();
    }
    await eventually(page.getByRole("button", { name: "Cut over…" })).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
    await act(page, "Abort…", `Abort the move of ${name}`);
    await eventually(page.getByText("aborted", { exact: true }).first()).toBeVisible();
  });
});

/** The other person reads what goes, and approves. */
async function approve(browser: Browser, name: string): Promise<void> {
  const context = await browser.newContext({ storageState: stateOf("compliance") });
  const officer = await context.newPage();
  await officer.goto("/settings/approvals");
  const card = officer.getByRole("listitem").filter({ hasText: `moves.complete ${name}` });
  await expect(card).toContainText(`Removes for good what ${name} left in shared tables of demo`);
  await expect(card).toContainText(/about [\d,]+ rows?, [\d.]+ [kM]?B, of 5 tables/);
  await card.getByRole("button", { name: /^Approve for/ }).click();
  const dialog = officer.getByRole("dialog");
  await expect(dialog).toContainText("cannot be reversed afterwards");
  await confirmed(dialog, /^Approve for/, "compliance", card.getByText("approved, not used yet"));
  await context.close();
}

test("a move is completed by two people, and whoever begins it a second time is refused", async ({ page, browser }) => {
  const name = await openTenant(page);
  const plan = `${new URL(page.url()).pathname}/move?tier=schema&plan=1`;
  const elsewhere = await page.context().newPage();
  for (const one of [page, elsewhere]) {
    await one.goto(plan);
    await eventually(one.getByRole("table", { name: "Tables to move" })).toBeVisible();
    await one.getByRole("button", { name: "Start the move…" }).click();
  }
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Cut over").selectOption("ready");
  await dialog.getByLabel("Way back, hours").fill("0");
  await dialog.getByRole("button", { name: `Start to move ${name}` }).click();
  await page.waitForURL(/\/tenants\/moves\/[0-9a-f-]{36}$/);

  await elsewhere
    .getByRole("dialog")
    .getByRole("button", { name: `Start to move ${name}` })
    .click();
  await expect(elsewhere.getByRole("alert").filter({ hasText: "already being moved" })).toBeVisible();

  await eventually(page.getByRole("button", { name: "Complete…" })).toBeVisible();
  await page.getByRole("button", { name: "Complete…" }).click();
  await dialog.getByLabel(/^Type/).fill(name);
  await dialog.getByLabel("Reason").fill("It lives well there");
  const ask = dialog.getByRole("button", { name: "Ask for approval" });
  await confirmed(dialog, `Complete the move of ${name}`, "administrator", ask);
  await ask.click();
  await expect(dialog.getByRole("status").filter({ hasText: "Another person decides" })).toBeVisible();
  await approve(browser, name);
  await dialog.getByRole("button", { name: `Complete the move of ${name}` }).click();
  await eventually(page.getByText("completed", { exact: true }).first()).toBeVisible();
  await expect(page.getByText(`${name} lives in its own schema`)).toBeVisible();
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
