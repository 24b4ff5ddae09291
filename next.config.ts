import type { NextConfig } from "next";

const config: NextConfig = {
  output: "standalone",
  poweredByHeader: false,
  reactStrictMode: true,
  // Native modules and drivers stay outside the bundle.
  serverExternalPackages: ["pg", "@node-rs/argon2", "pg-boss", "pino"],
  experimental: { authInterrupts: true },
  // The server reads no file of the project while it runs; without this, a path made at run time drags in all of them,
  // the private cluster under .data included.
  outputFileTracingExcludes: {
    "/**": [
      "./.data/**/*",
      "./{app,bench,bin,components,db,docs,drizzle,e2e,test-results}/**/*",
      "./*.{md,mjs,ts,tsbuildinfo,yaml}",
      "./{biome,knip,package-lock,tsconfig}.json",
      "./{Dockerfile,LICENSE}",
    ],
  },
  turbopack: { root: import.meta.dirname },
};

export default config;
