import { logHoldsFor } from "../../../audit/retention/holds.ts";
import { control, controlPool } from "../../../control.ts";
import { backupEnd, isNewestBackup } from "../../../schema/evidence.ts";
import { auditStreams } from "../../../schema/exports.ts";
import type { FoundBackup, FoundPaper, NotReached } from "../contract.ts";

/** Backups of a database whose files are kept: each holds the person until it goes. */
export async function backupsOf(databaseId: string): Promise<FoundBackup[]> {
  const iso = (moment: string) => `to_char(${moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  const { rows } = await controlPool().query<FoundBackup>(
    `SELECT b.id, ${iso("b.started_at")} AS "startedAt", ${iso(backupEnd)} AS "expiresAt",
            CASE WHEN ${isNewestBackup} THEN 'newest' END AS stays
       FROM backups AS b WHERE b.database_id = $1 AND b.state IN ('good', 'damaged') ORDER BY b.started_at, b.id`,
    [databaseId],
  );
  const isHeld = (await logHoldsFor(databaseId)).length > 0;
  return isHeld ? rows.map((row) => ({ ...row, stays: "held" as const })) : rows;
}

/** Archives and exports of tenants that live or lived in a database: each may hold the person until it is removed. */
export async function papersOf(databaseId: string): Promise<FoundPaper[]> {
  const { rows } = await controlPool().query<FoundPaper>(
    `SELECT p.id, p.kind, p.tenant_id AS "tenantId",
            to_char(p.made_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "madeAt"
       FROM tenant_papers AS p JOIN tenants AS t ON t.id = p.tenant_id
      WHERE p.object IS NOT NULL
        AND (t.home_database_id = $1
             OR EXISTS (SELECT FROM placements AS l WHERE l.tenant_id = t.id AND l.database_id = $1))
      ORDER BY p.made_at, p.id`,
    [databaseId],
  );
  return rows;
}

/** What people wrote into the console itself: kept as evidence of its own acts, and said. */
export async function inConsole(words: readonly string[]): Promise<NotReached[]> {
  if (words.length === 0) return [];
  const patterns = words.map((word) => `%${word.toLowerCase().replaceAll(/[\\%_]/g, "\\$&")}%`);
  const { rows } = await controlPool().query<{ where: string; count: number }>(
    `SELECT place AS where, count(*)::int AS count
       FROM (SELECT 'saved views' AS place, query AS said FROM saved_views
             UNION ALL SELECT 'filters of exports', query FROM audit_exports
             UNION ALL SELECT 'plans of restores', concat_ws(' ', subject, input::text) FROM restore_plans
             UNION ALL SELECT 'proposals', concat_ws(' ', subject, reason) FROM approvals
             UNION ALL SELECT 'jobs', concat_ws(' ', title, input::text) FROM jobs) AS written
      WHERE lower(said) LIKE ANY ($1::text[]) GROUP BY place ORDER BY place`,
    [patterns],
  );
  return rows.map(({ where, count }) => ({
    where: `the console's own ${where}`,
    why: `${count} of them ${count === 1 ? "holds" : "hold"} a word; they are evidence of what staff did, and stay.`,
    outside: true,
  }));
}

/** Who got entries as they were written: what was delivered can not be called back. */
export async function delivered(): Promise<NotReached[]> {
  const rows = await control().select({ name: auditStreams.name }).from(auditStreams).orderBy(auditStreams.name);
  return rows.map(({ name }) => ({
    where: `stream ${name}`,
    why: "Entries that it delivered lie with their receiver.",
    outside: true,
  }));
}
