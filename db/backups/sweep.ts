import type { Actor } from "../actor.ts";
import { controlPool, inControl } from "../control.ts";
import { globalsOf, partOf, sweepFolder } from "./folder.ts";

/** The step whose receipt names a whole dump, before the dump has its name. */
export const dumpStep = "Dump";

/** Fails the records whose job is over without them, and removes what attempts that came to nothing left behind. */
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
  return { failed, removed: await sweepFolder(await dumped(), olderThanMs) };
}

/** The files of dumps that became no backup, and those of which one is still to be made. */
async function dumped(): Promise<Record<"failed" | "open", Set<string>>> {
  const { rows } = await controlPool().query<{ file: string; state: "failed" | "running" }>(
    `SELECT receipt->>'file' AS file, backups.state
       FROM backups JOIN job_receipts USING (job_id)
      WHERE backups.state IN ('failed', 'running') AND job_receipts.step = $1`,
    [dumpStep],
  );
  const { failed = [], running = [] } = Object.groupBy(rows, ({ state }) => state);
  return {
    failed: new Set(failed.flatMap(({ file }) => [file, globalsOf(file)])),
    open: new Set(running.map(({ file }) => partOf(file))),
  };
}
