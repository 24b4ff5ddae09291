import { join } from "node:path";
import { withLoopback } from "#db/local/networks.ts";
import type { Database } from "./database.ts";
import { masterKey } from "./folder.ts";
import type { Options } from "./options.ts";
import { originOf } from "./web.ts";

/** Sets the configuration that this process, the web process and the worker share. */
export async function configure(options: Options, database: Database, port: number): Promise<void> {
  const { cluster } = database;
  process.env.DATABASE_URL = database.url;
  process.env.CARETAKER_KEY = await masterKey(options.data);
  process.env.CARETAKER_URL ||= originOf(isEverywhere(options.host) ? "localhost" : options.host, port);
  process.env.CARETAKER_DATA = options.data;
  if (!cluster) return;
  process.env.CARETAKER_ALLOWED_NETWORKS = withLoopback(process.env.CARETAKER_ALLOWED_NETWORKS);
  if (cluster.binaries.complete) process.env.PGBIN ??= cluster.binaries.directory;
}

/** Whether browsers of this machine reach it by the name localhost. */
function isEverywhere(host: string): boolean {
  return ["127.0.0.1", "0.0.0.0", "::"].includes(host);
}

export function webCommand(options: Options, root: string, server: string, port: number): string[] {
  if (!options.dev) return [process.execPath, server];
  const next = join(root, "node_modules", "next", "dist", "bin", "next");
  return [process.execPath, next, "dev", "--port", String(port), "--hostname", options.host];
}

export function webEnvironment(options: Options, port: number): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_ENV: options.dev ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
    HOSTNAME: options.host,
    PORT: String(port),
  };
}
