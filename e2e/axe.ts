import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// A theme changes colours and nothing else.
const colourRules = ["color-contrast", "link-in-text-block"];

/** What axe finds wrong in the page as it is, one line each: the rule, and the elements that break it. */
export async function violations(page: Page, which: "all" | "colours" = "all"): Promise<string[]> {
  // There are no frames, so one run in the page itself sees everything.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const { violations: found } = await (which === "all" ? axe.withTags(tags) : axe.withRules(colourRules)).analyze();
  return found.map(
    ({ id, help, nodes }) => `${id} (${help}): ${nodes.map((node) => node.target.join(" ")).join(", ")}`,
  );
}
