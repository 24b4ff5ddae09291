import type pg from "pg";
import { z } from "zod";
import type { Actor } from "../actor.ts";
import { logHoldsFor } from "../audit/retention/holds.ts";
import { controlPool, inControl } from "../control.ts";
import type { JobKind } from "../jobs/kind.ts";
import { backupEnd, isInFleet } from "../schema/evidence.ts";
import { isWhole, removeFiles } from "./folder.ts";

export type Expiry = "expired" | "held" | "newest" | "not due";

const isOver = `b.state IN ('good', 'damaged', 'missing') AND ${backupEnd} < now()`;

/** Every backup whose time is over, oldest first. */
export async function overdueBackups(): Promise<{ backupId: string }[]> {
  const { rows } = await controlPool().query<{ backupId: string }>(
    `SELECT id AS "backupId" FROM backups AS b WHERE ${isOver} ORDER BY started_at, id`,
  );
  return rows;
}

/** Removes the file of one backup whose time is over. */
export const expireBackup: JobKind = {
  kind: "backups.expire",
  async run(job) {
    const { backupId } = z.object({ backupId: z.uuid() }).parse(job.input);
    return { backupId, came: await expire(job.actor, backupId) };
  },
};

/**
 * Removes the files and then says so in the row, which stays, under the lock of its database: cut off in between, the next run does the
 * rest. A legal hold on the database keeps its backups, and so does it that no newer good one is there with its file; of a
 * database that left the fleet there will be none, so that its last one goes as well.
 */
export function expire(actor: Actor, backupId: string): Promise<Expiry> {
  return inControl(
    actor,
    async (_tx, client) => {
      const backup = await lockOverdue(client, backupId);
      if (!backup) return "not due";
      if ((await logHoldsFor(backup.databaseId)).length > 0) return "held";
      if (backup.inFleet && !(await hasNewer(client, backup))) return "newest";
      await removeFiles([backup.file, ...(backup.globalsFile ? [backup.globalsFile] : [])]);
      await client.query("UPDATE backups SET state = 'expired', expired_at = now(), error = NULL WHERE id = $1", [
        backupId,
      ]);
      return "expired";
    },
    { reason: "Its time was over" },
  );
}

interface Overdue {
  id: string;
  databaseId: string;
  inFleet: boolean;
  file: string;
  globalsFile: string | null;
}

/** Two that remove backups of one database wait for each other, so that neither counts on the one that the other removes. */
export async function lockBackups(client: pg.PoolClient, id: string): Promise<void> {
  await client.query(
    "SELECT pg_advisory_xact_lock(hashtextextended('backups.expire ' || database_id, 0)) FROM backups WHERE id = $1",
    [id],
  );
}

async function lockOverdue(client: pg.PoolClient, id: string): Promise<Overdue | null> {
  await lockBackups(client, id);
  const { rows } = await client.query<Overdue>(
    `SELECT id, database_id AS "databaseId", ${isInFleet} AS "inFleet", file, globals_file AS "globalsFile" FROM backups AS b
      WHERE id = $1 AND ${isOver} FOR UPDATE OF b`,
    [id],
  );
  return rows[0] ?? null;
}

async function hasNewer(client: pg.PoolClient, { id, databaseId }: Overdue): Promise<boolean> {
  const { rows } = await client.query<{ file: string; bytes: string | null }>(
    `SELECT file, bytes::text AS bytes FROM backups
      WHERE database_id = $2 AND state = 'good' AND started_at > (SELECT started_at FROM backups WHERE id = $1)
      ORDER BY started_at DESC`,
    [id, databaseId],
  );
  for (const { file, bytes } of rows) if (await isWhole(file, bytes)) return true;
  return false;
}
