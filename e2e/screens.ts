import { type APIRequestContext, expect, type Page } from "@playwright/test";

export interface Screen {
  name: string;
  /** Where it is, or where the way to it begins: the first link on the page that matches is followed, one after the other. */
  path: string;
  via?: RegExp[];
  /** A page below that link. */
  below?: string;
}

const oneTenant = /^\/tenants\/[0-9a-f-]{36}/;
const oneCoverage = /^\/audit\/coverage\?database=/;
const oneEntry = /^\/audit\/[^/]+\/\d+/;
export const oneDatabase = /^\/databases\/(?!add)[^/?]+/;

/** Every screen of the console, for the promises that each of them must keep. */
export const screens: Screen[] = [
  { name: "overview", path: "/" },
  { name: "tenants", path: "/tenants" },
  { name: "one tenant", path: "/tenants", via: [oneTenant] },
  {
    name: "the end of a tenant",
    path: "/tenants?status=active",
    via: [oneTenant],
    below: "/leave",
  },
  { name: "create a tenant", path: "/tenants/create" },
  { name: "create a tenant in its own schema", path: "/tenants/create?tier=schema" },
  { name: "advice on tenants", path: "/tenants/advice" },
  { name: "servers and rebalancing", path: "/tenants/servers" },
  { name: "moves", path: "/tenants/moves" },
  { name: "leftovers of moves", path: "/tenants/moves/leftovers" },
  { name: "one move", path: "/tenants/moves", via: [/^\/tenants\/moves\/[0-9a-f-]{36}/] },
  { name: "a move to choose", path: "/tenants", via: [oneTenant], below: "/move" },
  {
    name: "the plan of a move",
    path: "/tenants?tier=shared",
    via: [oneTenant],
    below: "/move?tier=schema&plan=1",
  },
  { name: "isolation", path: "/tenants/isolation" },
  { name: "the isolation of a database", path: "/tenants/isolation", via: [/^\/tenants\/isolation\/[^/?]+/] },
  { name: "audit", path: "/audit" },
  { name: "a filter of the log that cannot be read", path: "/audit?q=tabel%3Ausers" },
  {
    name: "a filter of the log as chips",
    path: "/audit?q=action%3Adelete+-actor%3Asystem&columns=sentence,actor,ip,tx",
  },
  { name: "one audit entry", path: "/audit", via: [oneEntry] },
  { name: "the history of a record", path: "/audit?action=update", via: [oneEntry, /^\/audit\/record\?/] },
  { name: "exports of the audit trail", path: "/audit/exports" },
  { name: "a new export", path: "/audit/exports/new?q=action%3Adelete" },
  { name: "streams", path: "/audit/streams" },
  { name: "a new stream", path: "/audit/streams/new" },
  { name: "proof", path: "/audit/proof" },
  { name: "a new place for checkpoints", path: "/audit/proof/places/new" },
  { name: "a log that needs not go on", path: "/audit/proof/console" },
  { name: "coverage", path: "/audit/coverage" },
  { name: "coverage of a database", path: "/audit/coverage", via: [oneCoverage] },
  { name: "classify columns", path: "/audit/coverage", via: [oneCoverage, /^\/audit\/coverage\/columns\?/] },
  { name: "retention of the audit trail", path: "/audit/retention" },
  { name: "who deleted this", path: "/audit/who?q=nobody@example.com" },
  { name: "stories", path: "/audit/stories" },
  { name: "one transaction", path: "/audit?action=delete", via: [oneEntry, /^\/audit\/transaction\/[^/?]+\/\d+/] },
  {
    name: "the activity of an actor",
    path: "/audit?q=action%3Adelete+database%3Ademo",
    via: [oneEntry, /^\/audit\/actor\?/],
  },
  { name: "deletions", path: "/deleted" },
  { name: "one deletion", path: "/deleted", via: [/^\/deleted\/[^/]+\/\d+/] },
  { name: "deleted rows", path: "/deleted/rows" },
  { name: "rows removed without a record", path: "/deleted/unrecorded" },
  { name: "health of soft deletes", path: "/deleted/health" },
  { name: "retention of deleted records", path: "/deleted/retention" },
  { name: "what goes when", path: "/deleted/retention", via: [/^\/deleted\/retention\/when/] },
  { name: "legal holds", path: "/deleted/holds" },
  { name: "place a hold", path: "/deleted/holds/place?kind=filter" },
  { name: "restores", path: "/deleted/restores" },
  { name: "restore", path: "/deleted/rows", via: [/^\/deleted\/restore/] },
  { name: "erasures", path: "/deleted/erasures" },
  { name: "find a person", path: "/deleted/erasures/new" },
  { name: "performance", path: "/performance" },
  { name: "backups", path: "/backups" },
  { name: "jobs", path: "/jobs" },
  { name: "one job", path: "/jobs", via: [/^\/jobs\/[^/?]+/] },
  { name: "databases", path: "/databases" },
  { name: "one database", path: "/databases", via: [oneDatabase] },
  { name: "the model of a database", path: "/databases", via: [oneDatabase], below: "/model" },
  { name: "the plan of an adoption", path: "/databases", via: [oneDatabase], below: "/plan" },
  { name: "the removal of an adoption", path: "/databases", via: [oneDatabase], below: "/removal" },
  { name: "add a database", path: "/databases/add" },
  { name: "settings", path: "/settings" },
  { name: "staff", path: "/settings/staff" },
  { name: "a member of staff", path: "/settings/staff", via: [/^\/settings\/staff\/[0-9a-f-]{36}/] },
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
  await page.goto(await addressOf(page.request, screen));
  await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
  await page.waitForLoadState("load");
  await expect(page.locator("main .breathes")).toHaveCount(0);
}

/** Follows a screen's links by their text alone: only the screen itself is worth a browser's work. */
async function addressOf(client: APIRequestContext, { path, via = [], below = "" }: Screen): Promise<string> {
  let address = path;
  for (const pattern of via) {
    const html = await (await client.get(address, { headers: { accept: "text/html" } })).text();
    const links = [...html.matchAll(/\shref="([^"]+)"/g)].map(([, href = ""]) => href.replaceAll("&amp;", "&"));
    const found = links.find((href) => pattern.test(href));
    if (!found) throw new Error(`${address} has no link like ${pattern}.`);
    address = found;
  }
  return below ? address.replace(/\?.*/, "") + below : address;
}
