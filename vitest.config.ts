import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: ["db/testing/server.ts"],
    include: ["{app,bin,components,db,bench}/**/*.test.ts"],
    // Limits for what hangs: nothing is timed here, and other tests share the machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    // A busy machine may be late once; whatever is wrong is wrong twice.
    retry: process.env.CI ? 1 : 0,
    maxWorkers: 2,
  },
});
