import { expect, type Locator } from "@playwright/test";

/**
 * Waits until the page's scripts have taken an element over: a key that is pressed on it before goes nowhere. React listens to the whole
 * page before it takes over its first element, and keeps an element's properties on it from then on.
 */
export async function alive(element: Locator): Promise<void> {
  const isTaken = () => element.evaluate((one) => Object.keys(one).some((key) => key.startsWith("__reactProps$")));
  await expect.poll(isTaken, { timeout: 30_000 }).toBe(true);
}
