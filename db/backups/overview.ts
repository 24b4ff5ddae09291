import { type Actor, authorise } from "../actor.ts";
import { controlPool } from "../control.ts";
import { Refusal } from "../errors.ts";
import { askAll, consoleDatabase, listAdopted } from "../fleet.ts";
import type { BackupOverview, BackupView, DatabaseBackups } from "./contract.ts";
import { goneDatabases } from "./gone.ts";
import { keepDaysOf } from "./keep.ts";
import { backupColumns, withHolds } from "./read.ts";
import { findTools, toolsFor } from "./tools.ts";

/**
 * Every adopted database and the console's own, with its last good backup and what stands in the way of another; and what is kept of
 * those that left the fleet.
 */
export async function backupOverview(actor: Actor): Promise<BackupOverview> {
  authorise(actor, "backups.read");
  const adopted = await listAdopted();
  const databases = [
    ...adopted.map(({ id, name, serverName }) => ({ id, name, serverName })),
    { id: consoleDatabase, name: "Caretaker's own", serverName: "control database" },
  ];
  const ids = databases.map(({ id }) => id);
  const [newest, versions, tools, kept, gone] = await Promise.all([
    readNewest(ids),
    askVersions(ids),
    findTools(),
    keepDaysOf(ids),
    goneDatabases(),
  ]);
  const standings = databases.map(async (database): Promise<DatabaseBackups> => {
    const { lastGood = null, lastAttempt = null, fresh = false } = newest.get(database.id) ?? {};
    return {
      databaseId: database.id,
      name: database.name,
      serverName: database.serverName,
      standing: lastGood ? (fresh ? "good" : "old") : "none",
      keepDays: kept.get(database.id) ?? null,
      lastGood,
      lastAttempt: lastAttempt && lastAttempt.id !== lastGood?.id ? lastAttempt : null,
      obstacle: await obstacleFor(versions.answers.find(({ databaseId }) => databaseId === database.id)?.value),
    };
  });
  return {
    databases: await Promise.all(standings),
    gone,
    tools: tools.map(({ version }) => version),
    silent: versions.silent,
  };
}

interface Newest {
  lastGood?: BackupView;
  lastAttempt?: BackupView;
  /** Whether the last good one began less than a day ago, by the server's clock: what it holds is as old as its begin. */
  fresh?: boolean;
}

async function readNewest(ids: string[]): Promise<Map<string, Newest>> {
  const { rows } = await controlPool().query<BackupView & { which: "lastGood" | "lastAttempt"; fresh: boolean }>(
    `SELECT ${backupColumns}, newest.which, b.started_at > now() - interval '1 day' AS fresh
       FROM unnest($1::text[]) AS wanted (id)
      CROSS JOIN (VALUES ('lastGood', '{good}'::text[]),
                         ('lastAttempt', '{running,good,failed,damaged,missing}')) AS newest (which, states)
      CROSS JOIN LATERAL (SELECT * FROM backups
                           WHERE database_id = wanted.id AND state = ANY (newest.states)
                           ORDER BY started_at DESC LIMIT 1) AS b
       LEFT JOIN jobs AS j ON j.id = b.job_id`,
    [ids],
  );
  const newest = new Map<string, Newest>();
  for (const { which, fresh, ...backup } of await withHolds(rows)) {
    const known = newest.get(backup.databaseId) ?? {};
    newest.set(backup.databaseId, { ...known, [which]: backup, ...(which === "lastGood" ? { fresh } : {}) });
  }
  return newest;
}

function askVersions(ids: string[]) {
  return askAll(ids, async (client) => {
    const { rows } = await client.query<{ version: string }>("SELECT current_setting('server_version') AS version");
    return rows[0]?.version.split(" ")[0] ?? "";
  });
}

async function obstacleFor(version: string | undefined): Promise<DatabaseBackups["obstacle"]> {
  // A database that does not answer is named in `silent`; that is no question of tools.
  if (version === undefined) return null;
  try {
    await toolsFor(version);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return { message: error.message, fix: error.fix ?? null };
    throw error;
  }
}
