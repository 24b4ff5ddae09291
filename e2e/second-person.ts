import { type Browser, expect, type Locator, type Page } from "@playwright/test";
import type { Role } from "#db/capabilities.ts";
import { accountOf, stateOf } from "./harness.ts";

interface Act {
  /** Typed to confirm; the proposal stands under it. */
  subject: string;
  /** The dialog's button, which names the act. */
  button: string;
  reason: string;
}

/** Presses the dialog's button, and gives the password where it is asked for again. */
export async function confirmed(dialog: Locator, button: string | RegExp, role: Role, then: Locator): Promise<void> {
  const asked = dialog.getByLabel("Your password");
  await dialog.getByRole("button", { name: button }).click();
  await expect(asked.or(then).first()).toBeVisible();
  if (!(await asked.isVisible())) return;
  await asked.fill(accountOf(role).password);
  await dialog.getByRole("button", { name: button }).click();
  await expect(then).toBeVisible();
}

/** Fills in the open dialog of an act that needs a second person, has a compliance reviewer approve it, and does it. */
export async function actTogether(
  page: Page,
  browser: Browser,
  { subject, button, reason }: Act,
  look: (officer: Page) => Promise<void> = async () => {},
): Promise<void> {
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/^Type/).fill(subject);
  await dialog.getByLabel("Reason").fill(reason);
  const ask = dialog.getByRole("button", { name: "Ask for approval" });
  await confirmed(dialog, button, "administrator", ask);
  await ask.click();
  await expect(page.getByText("Another person decides under")).toBeVisible();
  await approve(browser, "compliance", subject, look);
  await dialog.getByRole("button", { name: button }).click();
}

/** Somebody else looks at the plan of the proposal that stands under this subject, where there is one to look at, and approves it. */
export async function approve(
  browser: Browser,
  role: Role,
  subject: string,
  look: (officer: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ storageState: stateOf(role) });
  const officer = await context.newPage();
  const card = officer
    .getByRole("listitem")
    .filter({ has: officer.getByRole("heading", { name: subject }) })
    .first();
  await officer.goto("/settings/approvals");
  if ((await card.getByRole("link", { name: "Look at the plan" }).count()) > 0) {
    await card.getByRole("link", { name: "Look at the plan" }).click();
    await look(officer);
    await officer.goto("/settings/approvals");
  }
  await card.getByRole("button", { name: /^Approve for/ }).click();
  const decision = officer.getByRole("dialog");
  await confirmed(decision, /^Approve for/, role, card.getByText("approved, not used yet"));
  await context.close();
}
