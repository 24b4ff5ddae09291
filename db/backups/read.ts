import { type Actor, authorise } from "../actor.ts";
import { logHoldsFor } from "../audit/retention/holds.ts";
import { controlPool } from "../control.ts";
import { Refusal } from "../errors.ts";
import { decodeCursor, type Page, toPage } from "../page.ts";
import { backupEnd, isNewestBackup } from "../schema/evidence.ts";
import type { BackupFilter, BackupView } from "./contract.ts";

const pageSize = 50;

// A record whose job is over without it has failed, also before the sweep says so.
export const backupColumns = `
  b.id, b.database_id AS "databaseId", b.database_name AS "databaseName", b.job_id AS "jobId",
  CASE WHEN b.state = 'running' AND j.state IN ('done', 'failed', 'cancelled') THEN 'failed' ELSE b.state END AS state,
  b.file, b.globals_file IS NOT NULL AS globals, b.globals_note AS "globalsNote", b.bytes, b.sha256, b.objects, b.tables,
  b.tool_version AS "toolVersion", b.server_version AS "serverVersion",
  coalesce(b.error, j.error, CASE j.state WHEN 'cancelled' THEN 'It was cancelled.' END) AS error,
  ${iso("b.started_at")} AS "startedAt", ${iso("b.finished_at")} AS "finishedAt", ${iso("b.verified_at")} AS "verifiedAt", ${iso("b.expired_at")} AS "expiredAt",
  CASE WHEN b.state IN ('good', 'damaged', 'missing') THEN ${iso(backupEnd)} END AS "expiresAt",
  CASE WHEN b.state IN ('good', 'damaged', 'missing') AND ${isNewestBackup} THEN 'newest' END AS stays`;

function iso(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** A legal hold on anything of a database keeps its backups beyond their end, since they hold the rows as they were. */
export async function withHolds<T extends Pick<BackupView, "databaseId" | "expiresAt" | "stays">>(
  rows: T[],
): Promise<T[]> {
  const ending = rows.filter(({ expiresAt }) => expiresAt !== null);
  const held = new Set<string>();
  for (const id of new Set(ending.map(({ databaseId }) => databaseId)))
    if ((await logHoldsFor(id)).length > 0) held.add(id);
  return rows.map((row) => (held.has(row.databaseId) && row.expiresAt !== null ? { ...row, stays: "held" } : row));
}

/** One backup. @throws Refusal `not_found`. */
export async function readBackup(actor: Actor, id: string): Promise<BackupView> {
  authorise(actor, "backups.read");
  const { rows } = await controlPool().query<BackupView>(
    `SELECT ${backupColumns} FROM backups AS b LEFT JOIN jobs AS j ON j.id = b.job_id WHERE b.id = $1`,
    [id],
  );
  const [backup] = await withHolds(rows);
  if (!backup) throw new Refusal("not_found", "There is no such backup.", { fix: "Look for it in the list." });
  return backup;
}

/** Newest first. */
export async function listBackups(actor: Actor, filter: BackupFilter): Promise<Page<BackupView>> {
  authorise(actor, "backups.read");
  const [startedAt, id] = filter.cursor ? decodeCursor(filter.cursor, 2) : [null, null];
  const { rows } = await controlPool().query<BackupView>(
    `SELECT * FROM (SELECT ${backupColumns}, b.started_at FROM backups AS b LEFT JOIN jobs AS j ON j.id = b.job_id) AS b
      WHERE ($1::text IS NULL OR "databaseId" = $1) AND ($2::text IS NULL OR state = $2)
        AND ($3::timestamptz IS NULL OR (started_at, id) < ($3, $4::uuid))
      ORDER BY started_at DESC, id DESC LIMIT $5`,
    [filter.database ?? null, filter.state ?? null, startedAt, id, pageSize + 1],
  );
  return toPage(await withHolds(rows), pageSize, (backup) => [backup.startedAt, backup.id]);
}
