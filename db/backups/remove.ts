import { createHash } from "node:crypto";
import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { logHoldsFor } from "../audit/retention/holds.ts";
import { controlPool, inControl } from "../control.ts";
import { requireConsent } from "../danger.ts";
import { Refusal } from "../errors.ts";
import { isInFleet } from "../schema/evidence.ts";
import type { RemovalPlan, RemoveBackup } from "./contract.ts";
import { lockBackups } from "./expire.ts";
import { isWhole, removeFiles } from "./folder.ts";

interface Removable {
  id: string;
  databaseId: string;
  databaseName: string;
  state: string;
  inFleet: boolean;
  file: string;
  globalsFile: string | null;
  startedAt: string;
}

/** What removing one backup by hand comes to, and what stands in the way. @throws Refusal `not_found` */
export async function planRemoval(actor: Actor, { id }: { id: string }): Promise<RemovalPlan> {
  authorise(actor, "backups.read");
  return shown(controlPool(), await removable(controlPool(), id));
}

/** Removes the files of one backup before its time, or without one. It takes a second person; its row stays and says so. */
export async function removeBackup(actor: Actor, input: RemoveBackup): Promise<{ id: string }> {
  authorise(actor, "retention.manage");
  const { id } = input;
  const reason = input.reason?.trim() ?? "";
  return inControl(
    actor,
    async (tx, client) => {
      await lockBackups(client, id);
      const backup = await removable(client, id);
      const { subject, hash: planHash, obstacle } = await shown(client, backup);
      const need = { tier: "irreversible", subject, planHash, secondPerson: true } as const;
      await requireConsent(tx, actor, { verb: "backups.remove", ...need }, input);
      if (obstacle !== null) throw new Refusal("conflict", obstacle.message, { fix: obstacle.fix });
      await removeFiles([backup.file, ...(backup.globalsFile ? [backup.globalsFile] : [])]);
      await client.query("UPDATE backups SET state = 'expired', expired_at = now(), error = $2 WHERE id = $1", [
        id,
        `It was removed by ${actor.name}: ${reason}`,
      ]);
      return { id };
    },
    { reason },
  );
}

type Client = Pick<pg.ClientBase, "query">;

async function removable(client: Client, id: string): Promise<Removable> {
  const { rows } = await client.query<Removable>(
    `SELECT id, database_id AS "databaseId", database_name AS "databaseName", state, ${isInFleet} AS "inFleet", file,
            globals_file AS "globalsFile", to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS "startedAt"
       FROM backups AS b WHERE id = $1 AND state IN ('good', 'damaged', 'missing')`,
    [id],
  );
  const [row] = rows;
  if (row) return row;
  throw new Refusal("not_found", "There is no such backup with a file.", { fix: "Look for it in the list." });
}

async function shown(client: Client, backup: Removable): Promise<RemovalPlan> {
  const { id, databaseName, startedAt } = backup;
  return {
    subject: `${databaseName} of ${startedAt}`,
    hash: createHash("sha256")
      .update(JSON.stringify(["backups.remove", id]))
      .digest("hex")
      .slice(0, 32),
    obstacle: await obstacleOf(client, backup),
  };
}

async function obstacleOf(client: Client, backup: Removable): Promise<RemovalPlan["obstacle"]> {
  const holds = (await logHoldsFor(backup.databaseId)).map(({ name }) => name);
  if (holds.length > 0) {
    return {
      message: `A legal hold keeps all backups of ${backup.databaseName}: ${holds.join(", ")}.`,
      fix: "Have it released first.",
    };
  }
  if (backup.state !== "good" || !backup.inFleet || (await hasAnother(client, backup))) return null;
  return {
    message: `It is the last good backup of ${backup.databaseName} with its file.`,
    fix: "Back the database up first.",
  };
}

async function hasAnother(client: Client, { id, databaseId }: Removable): Promise<boolean> {
  const { rows } = await client.query<{ file: string; bytes: string | null }>(
    `SELECT file, bytes::text AS bytes FROM backups
      WHERE database_id = $2 AND state = 'good' AND id <> $1 ORDER BY started_at DESC`,
    [id, databaseId],
  );
  for (const { file, bytes } of rows) if (await isWhole(file, bytes)) return true;
  return false;
}
