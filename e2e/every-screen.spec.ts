import { expect, type Page, test } from "@playwright/test";
import { violations } from "./axe.ts";
import { signedOut, stateOf } from "./harness.ts";
import { open } from "./open-screen.ts";
import { absentScreens, forbiddenScreens, openScreens, type Screen, screens } from "./screens.ts";

test.describe.configure({ mode: "parallel" });

const scriptBytesMax = 200_000;

// One visit for all that every screen must keep; each promise is looked at although another is broken.
function promise(screen: Screen): void {
  test(`${screen.name} can be used by everybody, light and dark, fits 390 pixels and sends less than 200 kB of JavaScript`, async ({
    page,
  }) => {
    const sizes = measureScripts(page);
    await page.emulateMedia({ colorScheme: "light" });
    await open(page, screen);
    // What the scripts themselves load at once belongs to the screen too.
    await page.evaluate(() => new Promise((done) => requestIdleCallback(done, { timeout: 2_000 })));
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    expect.soft(bytes, "bytes of JavaScript").toBeGreaterThan(0);
    expect.soft(bytes, "bytes of JavaScript").toBeLessThan(scriptBytesMax);

    expect.soft(await violations(page), "light").toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect.soft(await violations(page, "colours"), "dark").toEqual([]);

    await page.setViewportSize({ width: 390, height: 844 });
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    await expect.poll(overflow, "pixels beyond the right edge").toBeLessThanOrEqual(0);
  });
}

/** Bytes of every script as they went over the wire; nothing is cached in a new browser context. */
function measureScripts(page: Page): Promise<number>[] {
  const sizes: Promise<number>[] = [];
  page.on("requestfinished", (request) => {
    if (request.resourceType() === "script")
      sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
  });
  return sizes;
}

for (const screen of [...screens, ...absentScreens]) promise(screen);

test.describe("for support", () => {
  test.use({ storageState: stateOf("support") });
  for (const screen of forbiddenScreens) promise(screen);
});

test.describe("signed out", () => {
  test.use({ storageState: signedOut });
  for (const screen of openScreens) promise(screen);
});
