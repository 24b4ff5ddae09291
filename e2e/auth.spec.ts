import { expect, test } from "@playwright/test";
import { accountOf, signedOut } from "./harness.ts";
import { confirm, fillSignIn, join, signIn } from "./people.ts";

test.describe("signing in", () => {
  test.use({ storageState: signedOut });

  test("leads to what was asked for, and never to another site", async ({ page }) => {
    await page.goto("/settings/approvals?state=all");
    await expect(page).toHaveURL(/sign-in\?next=/);
    await fillSignIn(page, accountOf("support"));
    await expect(page).toHaveURL(/\/settings\/approvals\?state=all$/);
    for (const next of ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]) {
      await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
      await expect(page).toHaveURL(({ pathname, hostname }) => pathname === "/" && hostname !== "evil.example");
    }
  });

  test("waits for its script, and loses nothing that was typed before it came", async ({ page }) => {
    const { promise: loaded, resolve: load } = Promise.withResolvers<void>();
    await page.route("**/_next/static/**/*.js", async (route) => {
      await loaded;
      await route.continue();
    });
    await page.goto("/sign-in", { waitUntil: "commit" });
    const { email, password } = accountOf("support");
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("button", { name: "Sign in" })).toBeDisabled();
    load();
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).not.toHaveURL(/sign-in/);
  });

  test("with a wrong password says the same as for an account that does not exist, and keeps the address", async ({
    page,
  }) => {
    const alert = page.getByRole("alert").filter({ hasText: "The e-mail address or the password is not right." });
    for (const email of [accountOf("support").email, "nobody@example.com"]) {
      await page.goto("/sign-in");
      await fillSignIn(page, { email, password: "wrong" });
      await expect(alert).toBeVisible();
      await expect(page.getByLabel("E-mail address")).toHaveValue(email);
    }
  });

  test("puts neither password nor session where a script or an address can see it", async ({ page, context }) => {
    const seen: string[] = [];
    page.on("request", (request) => seen.push(request.url()));
    await page.goto("/sign-in");
    await fillSignIn(page, accountOf("support"));
    await expect(page).not.toHaveURL(/sign-in/);
    expect(seen.join(" ")).not.toContain(accountOf("support").password);
    const session = (await context.cookies()).find(({ name }) => name.endsWith("caretaker-session"));
    expect(session).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
    const reachable = await page.evaluate(
      () => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }),
    );
    expect(reachable).not.toContain("session");
  });
});

test("a revoked session is refused at its next request, while the one that revoked it goes on", async ({
  page,
  browser,
}) => {
  const person = await join(page, browser, "support");
  const [here, there] = [await signIn(browser, person), await signIn(browser, person)];
  await here.page.goto("/settings");
  await here.page.getByRole("button", { name: "End session" }).click();
  await expect(here.page.getByRole("button", { name: "End session" })).toHaveCount(0);
  expect((await there.context.request.get("/api/search?q=acme")).status()).toBe(401);
  await there.page.goto("/settings");
  await expect(there.page).toHaveURL(/sign-in/);
  await here.page.reload();
  await expect(here.page.getByRole("heading", { level: 1 })).toHaveText("Your account");
  await Promise.all([here.context.close(), there.context.close()]);
});

test("a changed role and a disabled account are refused at the next request", async ({ page, browser }) => {
  const name = `Changed ${crypto.randomUUID().slice(0, 6)}`;
  const person = await join(page, browser, "support", name);
  const { context, page: theirs } = await signIn(browser, person);
  await page.goto("/settings/staff");
  const row = page.getByRole("row").filter({ hasText: person.email });
  await row.getByRole("button", { name: "Change role…" }).click();
  await page.getByRole("dialog").getByLabel("New role").selectOption("compliance");
  await confirm(page, `Change role of ${name}`);
  await theirs.goto("/");
  await expect(theirs).toHaveURL(/sign-in/);

  await fillSignIn(theirs, person);
  await expect(theirs).not.toHaveURL(/sign-in/);
  await row.getByRole("button", { name: "Disable…" }).click();
  await confirm(page, `Disable ${name}`);
  await theirs.goto("/");
  await expect(theirs).toHaveURL(/sign-in/);
  await fillSignIn(theirs, person);
  await expect(theirs.getByRole("alert").filter({ hasText: "not right" })).toBeVisible();
  await context.close();
});

test("signing out ends the session itself, not only this browser's cookie", async ({ page, browser }) => {
  const person = await join(page, browser, "support");
  const { context, page: theirs } = await signIn(browser, person);
  const kept = await context.cookies();
  await theirs.getByRole("button", { name: /Newcomer/ }).click();
  await theirs.getByText("Sign out").click();
  await expect(theirs).toHaveURL(/sign-in/);
  await context.addCookies(kept);
  await theirs.goto("/settings");
  await expect(theirs).toHaveURL(/sign-in/);
  await context.close();
});

test("an API token does what was chosen for it, no more, and nothing once revoked", async ({
  page,
  browser,
  playwright,
  baseURL,
}) => {
  const person = await join(page, browser, "compliance");
  const { context, page: theirs } = await signIn(browser, person);
  await theirs.goto("/settings");
  await theirs.getByRole("button", { name: "Create API token…" }).click();
  const dialog = theirs.getByRole("dialog", { name: "Create API token" });
  await dialog.getByLabel("Name").fill("nightly");
  await dialog.getByLabel("overview.read").check();
  await dialog.getByRole("button", { name: "Create API token" }).click();
  const token = await theirs.getByRole("dialog", { name: "Your new API token" }).locator("pre").innerText();
  await theirs.getByRole("button", { name: "I have copied it" }).click();

  const script = await playwright.request.newContext({
    baseURL,
    storageState: signedOut,
    extraHTTPHeaders: { authorization: `Bearer ${token.trim()}` },
  });
  const audit = () => script.get("/api/audit");
  expect((await audit()).status()).toBe(403);
  await theirs.getByRole("button", { name: "Revoke token" }).click();
  await expect(theirs.getByText("No API tokens", { exact: true })).toBeVisible();
  expect((await audit()).status()).toBe(401);
  await script.dispose();
  await context.close();
});
