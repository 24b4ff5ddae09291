import { expect, type Page } from "@playwright/test";

export interface Screen {
  name: string;
  /** Where it is. With `first`, the list to open; the first link that matches leads to the screen. */
  path: string;
  first?: RegExp;
  /** A page below that link. */
  below?: string;
}

const oneDatabase = /^\/databases\/(?!add)[^/?]+/;

/** Every screen of the console, for the promises that each of them must keep. */
export const screens: Screen[] = [
  { name: "overview", path: "/" },
  { name: "tenants", path: "/tenants" },
  { name: "one tenant", path: "/tenants", first: /^\/tenants\/[^/?]+/ },
  { name: "audit", path: "/audit" },
  { name: "one audit entry", path: "/audit", first: /^\/audit\/[^/]+\/\d+/ },
  { name: "the history of a record", path: "/audit", first: /^\/audit\/record\?/ },
  { name: "deleted records", path: "/deleted" },
  { name: "restore", path: "/deleted", first: /^\/deleted\/restore/ },
  { name: "performance", path: "/performance" },
  { name: "backups", path: "/backups" },
  { name: "jobs", path: "/jobs" },
  { name: "one job", path: "/jobs", first: /^\/jobs\/[^/?]+/ },
  { name: "databases", path: "/databases" },
  { name: "one database", path: "/databases", first: oneDatabase },
  { name: "the model of a database", path: "/databases", first: oneDatabase, below: "/model" },
  { name: "the plan of an adoption", path: "/databases", first: oneDatabase, below: "/plan" },
  { name: "the removal of an adoption", path: "/databases", first: oneDatabase, below: "/removal" },
  { name: "the isolation of tenants", path: "/databases", first: oneDatabase, below: "/isolation" },
  { name: "add a database", path: "/databases/add" },
  { name: "settings", path: "/settings" },
  { name: "staff", path: "/settings/staff" },
  { name: "keys", path: "/settings/keys" },
  { name: "approvals", path: "/settings/approvals" },
];

/** The screens that nobody needs to be signed in for. */
export const openScreens: Screen[] = [
  { name: "sign-in", path: "/sign-in" },
  { name: "a link that no longer holds", path: "/join/abcdefghijklmnopqrstuvwxyz012345" },
];

/** Opens a screen and waits until all of it has arrived: parts that stream in late belong to the same response. */
export async function open(page: Page, screen: Screen): Promise<void> {
  await page.goto(screen.path);
  if (screen.first) await page.goto((await firstLink(page, screen.first)) + (screen.below ?? ""));
  await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
  await page.waitForLoadState("load");
}

async function firstLink(page: Page, pattern: RegExp): Promise<string> {
  await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
  const links = page.locator("main a[href]");
  const hrefs = () => links.evaluateAll((found) => found.map((link) => link.getAttribute("href") ?? ""));
  await expect
    .poll(async () => (await hrefs()).some((href) => pattern.test(href)), `a link like ${pattern}`)
    .toBe(true);
  return (await hrefs()).find((href) => pattern.test(href)) ?? "";
}
