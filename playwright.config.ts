import { defineConfig, type PlaywrightTestConfig } from "@playwright/test";
import { freePortFrom } from "#db/local/port.ts";
import { chromiumFlags, chromiumMissing, findChromium } from "./e2e/chromium.ts";
import { stateOf } from "./e2e/harness.ts";

const executablePath = findChromium();
if (!executablePath) throw new Error(chromiumMissing);

// With E2E_URL the tests run against a console that is running already, such as that of `npm run dev`; E2E_OUTPUT then
// names a folder with accounts.json and server.json. Playwright's workers read this file again and must come to the same port.
const running = process.env.E2E_URL;
if (!running) process.env.E2E_PORT ??= String(await freePortFrom(3210));
const baseURL = running ?? `http://localhost:${process.env.E2E_PORT}`;

const webServer: PlaywrightTestConfig["webServer"] = {
  command: `${process.execPath} e2e/serve.ts`,
  url: `${baseURL}/api/health`,
  timeout: 300_000,
  reuseExistingServer: false,
  stdout: "pipe",
  gracefulShutdown: { signal: "SIGTERM", timeout: 30_000 },
};

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results/browser",
  fullyParallel: false,
  forbidOnly: true,
  // A busy machine may be late once; whatever is wrong is wrong twice.
  retries: process.env.CI ? 1 : 0,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"], ["json", { outputFile: "test-results/e2e.json" }]],
  use: {
    baseURL,
    launchOptions: { executablePath, args: chromiumFlags },
    // A trace of every test costs a fifth of its time.
    trace: process.env.CI ? "on-first-retry" : "retain-on-failure",
    contextOptions: { reducedMotion: "reduce" },
    storageState: stateOf("administrator"),
  },
  projects: [
    { name: "sign in", testMatch: /auth\.setup\.ts/, use: { storageState: { cookies: [], origins: [] } } },
    { name: "work", testMatch: /screens\.setup\.ts/, dependencies: ["sign in"] },
    { name: "screens", testMatch: /.*\.spec\.ts/, dependencies: ["work"] },
  ],
  ...(running ? {} : { webServer }),
});
