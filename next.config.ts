import type { NextConfig } from "next";

const config: NextConfig = {
  output: "standalone",
  poweredByHeader: false,
  reactStrictMode: true,
  // Native modules and drivers stay outside the bundle.
  serverExternalPackages: ["pg", "@node-rs/argon2", "pg-boss", "pino", "@duckdb/node-api", "@duckdb/node-bindings"],
  // A confirmed model is one field of JSON, up to modelBytesMax of db/databases/contract.ts. What passes proxy.ts is cut off at 10 MB.
  experimental: { authInterrupts: true, serverActions: { bodySizeLimit: "8mb" } },
  // A path made at run time makes the trace take the whole project; the private cluster must not be in it.
  outputFileTracingExcludes: { "/**": ["./.data/**/*"] },
  // The trace sees DuckDB's addon and not the library that the addon loads.
  outputFileTracingIncludes: { "/**": ["./node_modules/@duckdb/node-bindings-*/**/*"] },
  turbopack: { root: import.meta.dirname },
};

export default config;
