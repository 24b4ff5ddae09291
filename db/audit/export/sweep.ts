import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Actor } from "../../actor.ts";
import { controlPool, inControl } from "../../control.ts";
import type { JobKind } from "../../jobs/kind.ts";
import { objectStore } from "../../objects/configured.ts";
import { partFolder } from "./part-file.ts";

/** Removes the files of exports that are kept no longer, and what attempts that came to nothing left behind. */
export const sweepExports: JobKind = {
  kind: "audit.export-sweep",
  run: async (job) => ({ expired: await expire(job.actor), removed: await sweepParts() }),
};

/** The row is marked first: a file that nobody may have any more is never offered, and a crash leaves it to the next run. */
async function expire(actor: Actor): Promise<number> {
  const { rows } = await inControl(actor, (_tx, client) =>
    client.query<{ file: string; manifestFile: string }>(
      `UPDATE audit_exports SET state = 'expired' WHERE state = 'ready' AND expires_at <= now()
       RETURNING file, manifest_file AS "manifestFile"`,
    ),
  );
  await removeEnded();
  return rows.length;
}

/** The files of exports that are kept no longer or came to nothing. One that nobody here knows is another console's, or a later one's. */
async function removeEnded(): Promise<void> {
  const stored = Map.groupBy(await objectStore().list("exports/"), ({ key }) => key.split("/")[1] ?? "");
  const { rows } = await controlPool().query<{ id: string }>(
    `SELECT id FROM audit_exports JOIN jobs USING (id)
      WHERE id::text = ANY ($1)
        AND (audit_exports.state = 'expired'
             OR (audit_exports.state = 'running' AND jobs.state IN ('done', 'failed', 'cancelled')))`,
    [[...stored.keys()]],
  );
  for (const { id } of rows) for (const { key } of stored.get(id) ?? []) await objectStore().remove(key);
}

/** Parts of exports whose job is over, an hour after they were last written. */
export async function sweepParts(olderThanMs = 3_600_000): Promise<string[]> {
  const { rows } = await controlPool().query<{ id: string }>(
    "SELECT id FROM jobs WHERE kind = 'audit.export' AND state IN ('queued', 'running')",
  );
  const open = new Set(rows.map(({ id }) => id));
  const folder = await partFolder();
  const removed: string[] = [];
  for (const file of await readdir(folder)) {
    if (open.has(file.slice(0, 36)) || !file.endsWith(".part")) continue;
    const { mtimeMs } = await stat(join(folder, file));
    if (Date.now() - mtimeMs < olderThanMs) continue;
    await rm(join(folder, file), { force: true });
    removed.push(file);
  }
  return removed;
}
