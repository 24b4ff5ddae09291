import { inDatabase } from "../../fleet.ts";
import type { RunningJob } from "../../jobs/kind.ts";
import { objectStore } from "../../objects/configured.ts";
import { limits } from "../../transaction.ts";
import { aloneWithMonth } from "../archive/alone.ts";
import type { Manifest } from "../archive/manifest.ts";
import { type Archive, archiveOf, replaceArchive } from "../archive/registry.ts";
import { rewriteMonth } from "../archive/rewrite-month.ts";
import { partitionOf, stagingOf, standingOf } from "../archive/standing.ts";
import { removeStrays } from "../archive/strays.ts";
import { manifestKeyOf } from "../archive/write-month.ts";
import { dropCopies } from "../cold/file.ts";
import { recordEvent } from "../record-event.ts";
import type { ErasureInput } from "./contract.ts";
import { erasedFile } from "./erased-file.ts";
import { erasureSql } from "./erasure-sql.ts";

/**
 * Takes a subject's values out of one month's file, and out of the table of a month that is on its way out or back. The new
 * file is stored and read back before the one before is removed; cut off at any point, it is done again. Steps are named by the
 * file: when an interrupted attempt finds another one, that is rewritten.
 */
export function eraseMonth(job: RunningJob, input: ErasureInput, month: string, ids: readonly string[]): Promise<void> {
  const reference = { databaseId: input.databaseId, month };
  return aloneWithMonth(job, reference, async (held) => {
    const archive = await archiveOf(input.databaseId, month);
    if (!archive) return;
    const { manifest } = await held.step(`rewrite ${nameOf(archive)}`, async () => ({
      manifest: await rewriteMonth(held, archive, (duck, file) => erasedFile(duck, file, input, ids)),
    }));
    if (manifest) await replace(held, archive, manifest);
    // Last and always: until the file was replaced, its month could come back with the values.
    await eraseTable(held, input, month, ids);
    await removeStrays(input.databaseId, month);
    await dropCopies();
  });
}

function nameOf({ month, sha256 }: Archive): string {
  return `${month} ${sha256.slice(0, 8)}`;
}

async function replace(job: RunningJob, archive: Archive, manifest: Manifest): Promise<void> {
  const { databaseId, month, sha256 } = archive;
  await job.step(`record ${nameOf(archive)}`, async () => {
    await inDatabase(job.actor, databaseId, async (client) => {
      const metadata = { before: sha256, after: manifest.sha256, job: job.id };
      const { rowCount } = await client.query(
        "SELECT FROM caretaker.audit_logs WHERE resource_id = $1 AND action = 'erase' AND metadata @> $2::jsonb",
        [month, JSON.stringify(metadata)],
      );
      if (rowCount === 0)
        await recordEvent(client, { action: "erase", resourceType: "audit_logs", resourceId: month, metadata });
    });
    return {};
  });
  await job.stepInControl(`register ${nameOf(archive)}`, async (tx) => {
    const place = { place: objectStore().place, manifestKey: manifestKeyOf(manifest) };
    await replaceArchive(tx, archive.id, manifest, { ...place, jobId: job.id, why: manifest.replaces?.why ?? "" });
    return {};
  });
}

/** A month's own table also while it stands alone; what was loaded to be brought back is loaded again. */
async function eraseTable(job: RunningJob, input: ErasureInput, month: string, ids: readonly string[]): Promise<void> {
  await inDatabase(
    job.actor,
    input.databaseId,
    async (client) => {
      await client.query(`DROP TABLE IF EXISTS ${stagingOf(month)}`);
      if ((await standingOf(client, month)) === "gone") return;
      await client.query("SELECT set_config('caretaker.erasing', 'on', true)");
      await client.query(erasureSql(input, partitionOf(month), ids));
    },
    { limits: limits.long },
  );
}
