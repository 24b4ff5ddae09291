import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: ["db/testing/server.ts"],
    include: ["{app,bin,components,db,bench}/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
