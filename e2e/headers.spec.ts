import { expect, type Page, test } from "@playwright/test";
import { signedOut } from "./harness.ts";
import { join, signIn } from "./people.ts";

test("every answer forbids framing, sniffing and keeping, and allows scripts by a nonce of its own", async ({
  request,
}) => {
  const nonces = new Set<string>();
  for (const path of ["/sign-in", "/settings", "/api/auth/csrf", "/nowhere"]) {
    const headers = (await request.get(path)).headers();
    expect(headers, path).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
    });
    expect(headers["cache-control"], path).toContain("no-store");
    expect(headers["x-powered-by"], path).toBeUndefined();
    const policy = headers["content-security-policy"] ?? "";
    const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? "";
    expect(scripts, path).not.toContain("'unsafe-inline'");
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(policy, path).toContain("base-uri 'none'");
    nonces.add(/'nonce-([^']+)'/.exec(scripts)?.[1] ?? "none");
  }
  expect(nonces.size).toBe(4);
});

test("the screens run under their own policy", async ({ page }) => {
  const violations = watch(page);
  for (const path of ["/", "/settings", "/settings/staff", "/audit", "/performance"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
  }
  expect(violations).toEqual([]);
});

test("markup that somebody stored as a name is shown as text and runs nothing", async ({ page, browser }) => {
  const name = `<img src=x onerror="window.ran=1"><script>window.ran=2</script>`;
  const person = await join(page, browser, "support", name);
  const { context, page: theirs } = await signIn(browser, person);
  for (const [where, path] of [
    [page, "/settings/staff"],
    [page, "/audit"],
    [theirs, "/settings"],
  ] as const) {
    await where.goto(path);
    await expect(where.getByRole("heading", { level: 1 }).first()).toBeVisible();
    expect(await where.evaluate(() => Reflect.get(window, "ran")), path).toBeUndefined();
  }
  await page.goto("/settings/staff");
  await expect(page.getByText(name, { exact: false }).first()).toBeVisible();
  await context.close();
});

test.describe("signed out", () => {
  test.use({ storageState: signedOut });

  test("an inline script or handler without the nonce does not run", async ({ page }) => {
    await page.goto("/sign-in");
    const ran = await page.evaluate(() => {
      document.body.insertAdjacentHTML("beforeend", `<button id="trap" onclick="window.ran = 1">trap</button>`);
      document.getElementById("trap")?.click();
      // As if the server had written it: by the parser, into a document under the same policy.
      document.write(`<script>window.ran = 2</${"script"}>`);
      return Reflect.get(window, "ran");
    });
    expect(ran).toBeUndefined();
  });
});

function watch(page: Page): string[] {
  const violations: string[] = [];
  page.on("console", (message) => {
    if (/Content Security Policy|violates the following/i.test(message.text())) violations.push(message.text());
  });
  return violations;
}
