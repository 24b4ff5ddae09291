import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { build } from "#bin/start/build.ts";
import { untilAnswering } from "#bin/start/web.ts";
import { freePortFrom } from "#db/local/port.ts";
import { masterKey, serverUrl, signedOut } from "./harness.ts";
import { expectPromises } from "./promises.ts";

// A second web process of the same console, which looks for its own database at an address where nobody answers, until the last test.

let address: URL;
let web: ChildProcess;
let url: string;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  const server = await build(join(import.meta.dirname, ".."));
  const port = await freePortFrom(3310);
  url = `http://localhost:${port}`;
  address = Object.assign(serverUrl(), { pathname: "/caretaker", port: String(await freePortFrom(3410)) });
  const own = { DATABASE_URL: address.href, CARETAKER_KEY: masterKey(), CARETAKER_URL: url };
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

for (const path of ["/", "/tenants", "/audit"])
  test(`a console whose own database does not answer says so at ${path} on a page that everybody can use`, async ({
    page,
  }) => {
    await says(page, path);
  });

async function says(page: Page, path: string): Promise<void> {
  await expectPromises(page, async () => {
    await page.goto(`${url}${path}`);
    await expect(page.getByRole("heading", { level: 1, name: "This page could not be shown" })).toBeVisible();
    await expect(page.getByText("The console's own database does not answer")).toBeVisible();
  });
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("Nothing was changed by this.")).toBeVisible();
}

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

test("trying again shows the screen once the database answers", async ({ page }) => {
  await page.goto(`${url}/tenants`);
  await expect(page.getByText("The console's own database does not answer")).toBeVisible();
  const back = createServer((client) => {
    const upstream = connect(Number(serverUrl().port), "127.0.0.1");
    client.on("error", () => upstream.destroy()).pipe(upstream);
    upstream.on("error", () => client.destroy()).pipe(client);
  });
  back.listen(Number(address.port), "127.0.0.1");
  await once(back, "listening");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Tenants" })).toBeVisible();
  back.close();
});
