import type { NextConfig } from "next";

const config: NextConfig = {
  output: "standalone",
  poweredByHeader: false,
  reactStrictMode: true,
  // Native modules and drivers stay outside the bundle.
  serverExternalPackages: ["pg", "@node-rs/argon2", "pg-boss", "pino"],
  experimental: { authInterrupts: true },
  turbopack: { root: import.meta.dirname },
};

export default config;
