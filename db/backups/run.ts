import { type Actor, authorise } from "../actor.ts";
import { inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { connectionFor, withDatabase } from "../fleet.ts";
import { enqueueWith } from "../jobs/enqueue.ts";
import type { RunBackup } from "./contract.ts";
import { toolsFor } from "./tools.ts";

/**
 * Queues a dump of one database now. Answers the job's id, which is also the backup's.
 *
 * @throws Refusal `unsupported` without fitting client tools, `unreachable`, `conflict` while one is under way.
 */
export async function runBackup(actor: Actor, { databaseId }: RunBackup): Promise<{ jobId: string }> {
  authorise(actor, "backups.run");
  const { database } = await connectionFor(databaseId);
  await toolsFor(await serverVersion(databaseId));
  const jobId = await inControl(actor, async (_tx, client) => {
    // Two people asking at once wait for one another here, so that only one finds nothing under way.
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('backups.run ' || $1, 0))", [databaseId]);
    const open = await client.query(
      `SELECT 1 FROM jobs
        WHERE kind = 'backups.run' AND state IN ('queued', 'running') AND input ->> 'databaseId' = $1`,
      [databaseId],
    );
    if (open.rowCount !== 0) {
      throw new Refusal("conflict", `A backup of ${database} is already under way.`, {
        fix: "Wait for it, or cancel it first.",
      });
    }
    return enqueueWith(client, actor, { kind: "backups.run", title: `Backup of ${database}`, input: { databaseId } });
  });
  return { jobId };
}

/** As the server prints it: "15.18 (Debian 15.18-0+deb12u1)" becomes "15.18". */
export async function serverVersion(databaseId: string): Promise<string> {
  const text = await withDatabase(databaseId, async (client) => {
    const { rows } = await client.query<{ version: string }>("SELECT current_setting('server_version') AS version");
    return rows[0]?.version ?? "";
  });
  return text.split(" ")[0] ?? text;
}
