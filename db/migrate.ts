import { setTimeout as pause } from "node:timers/promises";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import type pg from "pg";
import { environment } from "./environment.ts";
import { Refusal } from "./errors.ts";
import { adoptControl } from "./managed/control.ts";
import { createPool } from "./pool.ts";

// Any constant will do as long as every process of the product uses the same one.
const migrationLock = 7_241_962_032;

const othersMinutesMax = 10;
/** Whoever asks for a table that is migrated waits behind the migration, so that it waits shortly and tries again. */
const lockMs = 2_000;
const attemptsMost = 30;

/**
 * Brings the control database to this version's schema, audited by its own triggers. Two starting processes wait for one
 * another: `say` is told so. Forward only.
 *
 * @throws Refusal `timeout` when another process took more than ten minutes, or others held a table all the time.
 */
export async function migrate(say: (line: string) => void = () => {}): Promise<void> {
  // A connection of its own: a migration may take far longer than what the console's pool lets a statement take.
  const pool = createPool({
    connectionString: environment().DATABASE_URL,
    application_name: "caretaker migration",
    max: 1,
  });
  try {
    const client = await pool.connect();
    try {
      await migrateOn(client, say);
    } finally {
      // The lock and the settings end with the connection, also when a migration failed.
      client.release(true);
    }
  } finally {
    await pool.end();
  }
}

async function migrateOn(client: pg.PoolClient, say: (line: string) => void): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  assertVersion(rows[0]?.version ?? 0);
  await client.query("SET statement_timeout = 0");
  await takeTurn(client, say);
  await client.query(`SET lock_timeout = ${lockMs}`);
  for (let attempt = 1; ; attempt++) {
    try {
      await applyMigrations(drizzle(client), { migrationsFolder: "drizzle" });
      return await adoptControl(client);
    } catch (error) {
      if (!isLockWait(error)) throw error;
      if (attempt === attemptsMost) {
        throw new Refusal(
          "timeout",
          "The control database's tables were in use all the time, so it was not migrated.",
          {
            fix: "Stop the other consoles and workers of this database, then start again.",
            cause: error,
          },
        );
      }
      await pause(1_000);
    }
  }
}

async function takeTurn(client: pg.PoolClient, say: (line: string) => void): Promise<void> {
  const { rows } = await client.query<{ taken: boolean }>("SELECT pg_try_advisory_lock($1) AS taken", [migrationLock]);
  if (rows[0]?.taken) return;
  say("Another process brings the control database to its version; waiting for it …");
  await client.query(`SET lock_timeout = '${othersMinutesMax}min'`);
  try {
    await client.query("SELECT pg_advisory_lock($1)", [migrationLock]);
  } catch (error) {
    if (!isLockWait(error)) throw error;
    throw new Refusal("timeout", `Another process is migrating the control database for ${othersMinutesMax} minutes.`, {
      fix: "Look what it does, then start again.",
      cause: error,
    });
  }
}

function isLockWait(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && cause.code === "55P03") return true;
  }
  return false;
}

/** @throws Refusal `unsupported` where the server, by its server_version_num, is too old. */
export function assertVersion(version: number): void {
  if (version >= 150_000) return;
  throw new Refusal("unsupported", `The control database's server is PostgreSQL ${Math.floor(version / 10_000)}.`, {
    fix: "Use PostgreSQL 15 or newer.",
  });
}
