import { access } from "node:fs/promises";
import { join } from "node:path";

export type Settings = Record<string, string>;

/** What a private server is started with. Loopback only, passwords only, and everything that the console measures switched on. */
export async function settingsFor(directory: string, durable: boolean): Promise<Settings> {
  const statements = await hasLibrary(directory, "pg_stat_statements");
  return {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    password_encryption: "scram-sha-256",
    max_connections: "200",
    shared_buffers: "256MB",
    wal_level: "replica",
    max_wal_size: "2GB",
    track_io_timing: "on",
    track_functions: "all",
    log_checkpoints: "off",
    log_line_prefix: "%m [%p] %q%u@%d ",
    ...(statements ? { shared_preload_libraries: "pg_stat_statements", "pg_stat_statements.track": "all" } : {}),
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
}

async function hasLibrary(directory: string, name: string): Promise<boolean> {
  const places = ["../lib", "../lib/postgresql"].flatMap((place) => [`${place}/${name}.so`, `${place}/${name}.dylib`]);
  const checks = await Promise.allSettled(places.map((place) => access(join(directory, place))));
  return checks.some((check) => check.status === "fulfilled");
}
