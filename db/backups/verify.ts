import { type Actor, authorise } from "../actor.ts";
import { inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { enqueueWith } from "../jobs/enqueue.ts";
import type { BackupState } from "./contract.ts";

/** Queues a check of a backup's file against the checksum taken when it was written. Answers the job's id. */
export async function verifyBackup(actor: Actor, { id }: { id: string }): Promise<{ jobId: string }> {
  authorise(actor, "backups.run");
  const jobId = await inControl(actor, async (_tx, client) => {
    const { rows } = await client.query<{ name: string; state: BackupState }>(
      "SELECT database_name AS name, state FROM backups WHERE id = $1",
      [id],
    );
    const [backup] = rows;
    if (!backup) throw new Refusal("not_found", "There is no such backup.", { fix: "Reload the list." });
    if (backup.state === "running" || backup.state === "failed") {
      throw new Refusal("conflict", "This backup was never finished, so there is nothing to verify.", {
        fix: "Run a new one.",
      });
    }
    if (backup.state === "expired") {
      throw new Refusal("conflict", "The time of this backup is over, or it was removed by hand: its file is gone.", {
        fix: "Look for a newer one in the list.",
      });
    }
    return enqueueWith(client, actor, {
      kind: "backups.verify",
      title: `Verify backup of ${backup.name}`,
      input: { backupId: id },
    });
  });
  return { jobId };
}
