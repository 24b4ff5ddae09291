import type { Actor } from "../actor.ts";
import { control, inControl } from "../control.ts";
import { backups } from "../schema/evidence.ts";
import { sweepFolder } from "./folder.ts";

/** Fails the records whose job is over without them, and removes files that no record names. */
export async function sweep(actor: Actor, olderThanMs?: number): Promise<{ failed: number; removed: string[] }> {
  const failed = await inControl(actor, async (_tx, client) => {
    const { rowCount } = await client.query(
      `UPDATE backups
          SET state = 'failed', finished_at = jobs.finished_at,
              error = coalesce(jobs.error, CASE jobs.state WHEN 'cancelled' THEN 'It was cancelled.' END)
         FROM jobs
        WHERE jobs.id = backups.job_id AND backups.state = 'running' AND jobs.state IN ('done', 'failed', 'cancelled')`,
    );
    return rowCount ?? 0;
  });
  const rows = await control().select({ file: backups.file, globalsFile: backups.globalsFile }).from(backups);
  const named = new Set(rows.flatMap(({ file, globalsFile }) => (globalsFile ? [file, globalsFile] : [file])));
  return { failed, removed: await sweepFolder(named, olderThanMs) };
}
