import { expect, type Page } from "@playwright/test";
import { violations } from "./axe.ts";

const scriptBytesMax = 200_000;

/**
 * What every screen must keep: everybody can use it, light and dark; it fits 390 pixels; and it sends less than 200 kB of
 * JavaScript. One visit for all of it; each promise is looked at although another is broken.
 */
export async function expectPromises(page: Page, arrive: () => Promise<void>): Promise<void> {
  const sizes = measureScripts(page);
  await page.emulateMedia({ colorScheme: "light" });
  await arrive();
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
