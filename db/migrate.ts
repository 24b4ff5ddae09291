import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import { controlPool } from "./control.ts";
import { Refusal } from "./errors.ts";
import { adoptControl } from "./managed/control.ts";

// Any constant will do as long as every process of the product uses the same one.
const migrationLock = 7_241_962_032;

/** Brings the control database to this version's schema, audited by its own triggers. Two starting processes wait for one another. Forward only. */
export async function migrate(): Promise<void> {
  const client = await controlPool().connect();
  try {
    const { rows } = await client.query<{ version: number }>(
      "SELECT current_setting('server_version_num')::int AS version",
    );
    assertVersion(rows[0]?.version ?? 0);
    await client.query("SET statement_timeout = 0");
    await client.query("SELECT pg_advisory_lock($1)", [migrationLock]);
    await applyMigrations(drizzle(client), { migrationsFolder: "drizzle" });
    await adoptControl(client);
  } finally {
    // The lock and the setting end with the connection, also when a migration failed.
    client.release(true);
  }
}

/** @throws Refusal `unsupported` where the server, by its server_version_num, is too old. */
export function assertVersion(version: number): void {
  if (version >= 150_000) return;
  throw new Refusal("unsupported", `The control database's server is PostgreSQL ${Math.floor(version / 10_000)}.`, {
    fix: "Use PostgreSQL 15 or newer.",
  });
}
