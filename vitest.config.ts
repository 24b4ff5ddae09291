import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: ["db/testing/server.ts"],
    setupFiles: ["db/testing/each-file.ts"],
    include: ["{app,bin,components,db,bench}/**/*.test.ts"],
    // Limits for what hangs: nothing is timed here, and other tests share the machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    // A busy machine may be late once; whatever is wrong is wrong twice.
    retry: process.env.CI ? 1 : 0,
    maxWorkers: 2,
    deps: {
      optimizer: {
        // Packages of many files, bundled once: each test file has a process of its own, which reads them anew.
        ssr: {
          enabled: true,
          include: [
            "drizzle-orm",
            "drizzle-orm/errors",
            "drizzle-orm/node-postgres",
            "drizzle-orm/node-postgres/migrator",
            "drizzle-orm/pg-core",
            "pg",
            "pg-copy-streams",
            "zod",
          ],
        },
      },
    },
  },
});
