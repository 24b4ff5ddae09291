import { type APIRequestContext, expect, type Page } from "@playwright/test";
import { keptAddress } from "./harness.ts";
import { pageOf, type Screen } from "./screens.ts";

/** Opens a screen and waits until all of it has arrived: parts that stream in late belong to the same response. */
export async function open(page: Page, screen: Screen): Promise<void> {
  const address = await addressOf(page.request, screen);
  expect(address, "is an address of its page").toMatch(addressesOf(pageOf(screen)));
  await page.goto(address);
  if (screen.leads) await page.waitForURL(screen.leads);
  await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
  await page.waitForLoadState("load");
  await expect(page.locator("main .breathes")).toHaveCount(0);
}

/** What the addresses of a page look like: "/tenants/[id]" stands for every tenant's. */
function addressesOf(page: string): RegExp {
  return new RegExp(`^${page.replaceAll(/\[\w+\]/g, "[^/?]+")}(\\?.*)?$`);
}

/** Follows a screen's links by their text alone: only the screen itself is worth a browser's work. */
async function addressOf(client: APIRequestContext, { path, via = [], below, beside, kept }: Screen): Promise<string> {
  if (kept) return keptAddress(kept);
  let address = path;
  for (const pattern of via) {
    const html = await (await client.get(address, { headers: { accept: "text/html" } })).text();
    const links = [...html.matchAll(/\shref="([^"]+)"/g)].map(([, href = ""]) => href.replaceAll("&amp;", "&"));
    const found = links.find((href) => pattern.test(href));
    if (!found) throw new Error(`${address} has no link like ${pattern}.`);
    address = found;
  }
  if (beside) return beside.replace("ID", /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(address)?.[0] ?? "");
  return below ? address.replace(/\?.*/, "") + below : address;
}
