import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { build } from "#bin/start/build.ts";
import { untilAnswering } from "#bin/start/web.ts";
import { freePortFrom } from "#db/local/port.ts";
import { masterKey, signedOut } from "./harness.ts";
import { expectPromises } from "./promises.ts";

// A second web process of the same console, whose own database is at an address where nobody answers.

const nowhere = "postgres://nobody@127.0.0.1:9/nothing";
let web: ChildProcess;
let url: string;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  const server = await build(join(import.meta.dirname, ".."));
  const port = await freePortFrom(3310);
  url = `http://localhost:${port}`;
  const own = { DATABASE_URL: nowhere, CARETAKER_KEY: masterKey(), CARETAKER_URL: url };
  web = spawn(process.execPath, [server], {
    env: { ...process.env, ...own, NODE_ENV: "production", HOSTNAME: "127.0.0.1", PORT: String(port) },
    stdio: "ignore",
  });
  await untilAnswering(port);
});

test.afterAll(async () => {
  const ended = once(web, "exit");
  web.kill("SIGTERM");
  await ended;
});

test("a console whose own database does not answer says so on a page that everybody can use", async ({ page }) => {
  await expectPromises(page, async () => {
    await page.goto(`${url}/`);
    await expect(page.getByRole("heading", { level: 1, name: "This page could not be shown" })).toBeVisible();
    await expect(page.getByText("The console's own database does not answer")).toBeVisible();
  });
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("Nothing was changed by this.")).toBeVisible();
});

test.describe("signed out", () => {
  test.use({ storageState: signedOut });

  test("signing in fails with the same words, and keeps the address that was typed", async ({ page }) => {
    await page.goto(`${url}/sign-in`);
    await page.getByLabel("E-mail address").fill("ada@example.com");
    await page.getByLabel("Password").fill("correct horse battery");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("alert").filter({ hasText: "database does not answer" })).toBeVisible();
    await expect(page.getByLabel("E-mail address")).toHaveValue("ada@example.com");
  });
});
