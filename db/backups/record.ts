import type pg from "pg";
import { controlPool } from "../control.ts";
import { Refusal } from "../errors.ts";

export type Verdict = "good" | "damaged" | "missing";

interface Opened {
  id: string;
  databaseId: string;
  databaseName: string;
}

/** The backup's row from the moment it begins, so that an attempt that comes to nothing is seen. Its id is the job's. */
export async function openRecord(client: pg.PoolClient, { id, databaseId, databaseName }: Opened) {
  await client.query(
    `INSERT INTO backups (id, database_id, database_name, job_id, state, file)
     VALUES ($1, $2, $3, $1, 'running', '')`,
    [id, databaseId, databaseName],
  );
  return {};
}

interface Closed {
  file: string;
  bytes: number;
  sha256: string;
  objects: number;
  tables: number;
  globalsFile: string | null;
  globalsNote: string | null;
  toolVersion: string;
  serverVersion: string;
}

export async function closeRecord(client: pg.PoolClient, id: string, backup: Closed) {
  const { rowCount } = await client.query(
    `UPDATE backups
        SET state = 'good', file = $2, bytes = $3, sha256 = $4, objects = $5, tables = $6, globals_file = $7,
            globals_note = $8, tool_version = $9, server_version = $10, finished_at = now(), error = NULL
      WHERE id = $1`,
    [
      id,
      backup.file,
      backup.bytes,
      backup.sha256,
      backup.objects,
      backup.tables,
      backup.globalsFile,
      backup.globalsNote,
      backup.toolVersion,
      backup.serverVersion,
    ],
  );
  if (rowCount !== 1) throw new Error("The backup's record is gone.");
  return {};
}

export async function markVerified(client: pg.PoolClient, id: string, verdict: Verdict) {
  const errors: Record<Verdict, string | null> = {
    good: null,
    damaged: "The file's checksum is not the one taken when it was written.",
    missing: "The file is gone.",
  };
  await client.query(
    "UPDATE backups SET state = $2, error = $3, verified_at = now() WHERE id = $1 AND state <> 'expired'",
    [id, verdict, errors[verdict]],
  );
  return {};
}

interface RecordedFile {
  file: string;
  globalsFile: string | null;
  bytes: string | null;
  sha256: string | null;
  databaseName: string;
}

/** A finished backup's file. @throws Refusal `not_found`. */
export async function recordOf(id: string): Promise<RecordedFile> {
  const { rows } = await controlPool().query<RecordedFile>(
    `SELECT file, globals_file AS "globalsFile", bytes, sha256, database_name AS "databaseName"
       FROM backups WHERE id = $1 AND state NOT IN ('running', 'failed', 'expired')`,
    [id],
  );
  const [backup] = rows;
  if (!backup) throw new Refusal("not_found", "There is no such finished backup.", { fix: "Reload the list." });
  return backup;
}
