import { expect, type Page, test } from "@playwright/test";
import { signedOut } from "./harness.ts";
import { open, openScreens, type Screen, screens } from "./screens.ts";

const scriptBytesMax = 200_000;

function promise(screen: Screen): void {
  test(`${screen.name} sends less than 200 kB of JavaScript`, async ({ page }) => {
    const sizes = measureScripts(page);
    // A screen found through its list is opened again by itself, so that its own weight is measured.
    await open(page, screen);
    const path = new URL(page.url());
    await page.goto("about:blank");
    sizes.length = 0;
    const client = await page.context().newCDPSession(page);
    await client.send("Network.clearBrowserCache");
    await page.goto(path.href, { waitUntil: "load" });
    // What the scripts themselves load at once belongs to the screen too.
    await page.evaluate(() => new Promise((done) => requestIdleCallback(done, { timeout: 2_000 })));
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(scriptBytesMax);
  });
}

/** Bytes of every script as they went over the wire. */
function measureScripts(page: Page): Promise<number>[] {
  const sizes: Promise<number>[] = [];
  page.on("requestfinished", (request) => {
    if (request.resourceType() === "script")
      sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
  });
  return sizes;
}

for (const screen of screens) promise(screen);

test.describe("signed out", () => {
  test.use({ storageState: signedOut });
  for (const screen of openScreens) promise(screen);
});
