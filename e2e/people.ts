import { type Browser, type BrowserContext, expect, type Page, test } from "@playwright/test";
import type { Role } from "#db/capabilities.ts";
import { accountOf, signedOut } from "./harness.ts";

export interface Newcomer {
  email: string;
  name: string;
  password: string;
}

/** Somebody new, invited by the administrator whose page is given, who joined by the link. */
export async function join(admin: Page, browser: Browser, role: Role, name = "Newcomer"): Promise<Newcomer> {
  test.slow();
  const email = `${crypto.randomUUID().slice(0, 8)}@example.com`;
  const person = { email, name, password: "correct horse battery" };
  const link = await invite(admin, email, role);
  const context = await browser.newContext({ storageState: signedOut });
  const page = await context.newPage();
  await page.goto(link);
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL(/sign-in/);
  await context.close();
  return person;
}

/** The address at which somebody new may join. */
export async function invite(admin: Page, email: string, role: Role): Promise<string> {
  await admin.goto("/settings/staff");
  await admin.getByRole("button", { name: "Invite a person…" }).click();
  const dialog = admin.getByRole("dialog");
  await dialog.getByLabel("E-mail address").fill(email);
  await dialog.getByLabel("Role").selectOption(role);
  await confirm(admin, "Invite a person");
  const link = admin.getByRole("dialog", { name: "Invitation link" }).locator("pre");
  const text = await link.innerText();
  await admin.getByRole("button", { name: "I have copied it" }).click();
  return text.trim();
}

/** Presses the dialog's button, and gives the administrator's password where it is asked for again. */
export async function confirm(admin: Page, button: string): Promise<void> {
  const dialog = admin.getByRole("dialog", { name: button });
  const password = dialog.getByLabel("Your password");
  await dialog.getByRole("button", { name: button, exact: true }).click();
  await expect(
    password.or(admin.locator("body:not(:has(dialog[open]))")).or(admin.locator("dialog[open] pre")),
  ).toBeVisible();
  if (!(await password.isVisible())) return;
  await password.fill(accountOf("administrator").password);
  await dialog.getByRole("button", { name: button, exact: true }).click();
  await expect(dialog).toBeHidden();
}

/** A browser of its own in which somebody signs in. */
export async function signIn(browser: Browser, person: Newcomer): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ storageState: signedOut });
  const page = await context.newPage();
  await page.goto("/sign-in");
  await fillSignIn(page, person);
  await expect(page).not.toHaveURL(/sign-in/);
  return { context, page };
}

export async function fillSignIn(page: Page, person: { email: string; password: string }): Promise<void> {
  await page.getByLabel("E-mail address").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}
