import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { signedOut } from "./harness.ts";
import { open, openScreens, type Screen, screens } from "./screens.ts";

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// A theme changes colours and nothing else.
const colourRules = ["color-contrast", "link-in-text-block"];

function promise(screen: Screen): void {
  test(`${screen.name} can be used by everybody, light and dark, and fits a screen 390 pixels wide`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await open(page, screen);
    expect(await violations(new AxeBuilder({ page }).withTags(tags)), "light").toEqual([]);
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    expect(await violations(new AxeBuilder({ page }).withRules(colourRules)), "dark").toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    await expect.poll(overflow, "pixels beyond the right edge").toBeLessThanOrEqual(0);
  });
}

/** Each violation in one line: the rule, and the elements that break it. */
async function violations(asked: AxeBuilder): Promise<string[]> {
  const { violations: found } = await asked.analyze();
  return found.map(
    ({ id, help, nodes }) => `${id} (${help}): ${nodes.map((node) => node.target.join(" ")).join(", ")}`,
  );
}

for (const screen of screens) promise(screen);

test.describe("signed out", () => {
  test.use({ storageState: signedOut });
  for (const screen of openScreens) promise(screen);
});
