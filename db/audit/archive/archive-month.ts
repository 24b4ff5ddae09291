import { and, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import { Refusal } from "../../errors.ts";
import { inDatabase, withDatabase } from "../../fleet.ts";
import type { JobKind, RunningJob } from "../../jobs/kind.ts";
import { objectStore } from "../../objects/configured.ts";
import { verifyObject } from "../../objects/digest.ts";
import { auditArchives } from "../../schema/retention.ts";
import { indexStaged } from "../index-staged.ts";
import { recordEvent } from "../record-event.ts";
import { auditedDatabase } from "../scope.ts";
import { requireSent } from "../stream/waiting.ts";
import { attachMonth, detachMonth } from "./attach.ts";
import { withConnection } from "./connection.ts";
import { copyOut } from "./content.ts";
import { checkedMonth } from "./month.ts";
import { archiveOf, registerArchive } from "./registry.ts";
import { partitionOf, standingOf } from "./standing.ts";
import { removeStrays } from "./strays.ts";
import { manifestKeyOf, type Subject, writeMonth } from "./write-month.ts";

export const monthInput = z.object({ databaseId: z.string(), month: z.string().transform(checkedMonth) });

/** How often a month is stored again because entries arrived while it was. */
const roundsMax = 3;

/**
 * Stores a month, reads it back, takes its partition out of the log, proves that the partition holds what the file holds, and
 * only then drops it. Each step may be cut off and repeated: there is at every instant a partition or a verified file.
 */
export const archiveMonth: JobKind = {
  kind: "audit.archive",
  async run(job) {
    const { databaseId, month } = monthInput.parse(job.input);
    const { name } = await auditedDatabase(databaseId);
    await indexStaged(job.actor, databaseId, job.signal);
    const subject = { databaseId, databaseName: name, month };
    for (let round = 1; round <= roundsMax; round++) {
      const { stored } = await store(job, subject, round);
      if (!stored) return { archived: false };
      await job.step(`detach ${round}`, async () => {
        // What is dropped in the end was stored before this, so that no entry slips past a stream in between.
        await requireSent(databaseId, name, month);
        await detachMonth(job.actor, databaseId, month, job.signal);
        return {};
      });
      if ((await compare(job, subject, round)).same) return close(job, subject);
      job.log("Entries arrived meanwhile; the month is stored again");
    }
    throw new Refusal("conflict", `${month} keeps receiving entries, so it stays where it is.`, {
      fix: "Find the transactions that write with an old clock, then start again.",
    });
  },
};

async function store(job: RunningJob, subject: Subject, round: number): Promise<{ stored: boolean }> {
  const { databaseId, month } = subject;
  const written = await job.step(`write ${round}`, async () => {
    const standing = await withDatabase(databaseId, (client) => standingOf(client, month));
    const known = await archiveOf(databaseId, month);
    if (standing === "gone") return { manifest: null, stored: known !== null };
    return { manifest: await writeMonth(job, subject, partitionOf(month), known), stored: true };
  });
  const { manifest } = written;
  if (manifest) {
    await job.stepInControl(`register ${round}`, async (tx) => {
      const place = { place: objectStore().place, manifestKey: manifestKeyOf(manifest) };
      await registerArchive(tx, manifest, { ...place, jobId: job.id, why: "The month was stored again." });
      return {};
    });
  }
  return { stored: written.stored };
}

/** Whether the partition, which nobody can write to any more, holds exactly what was stored. If not it goes back. */
function compare(job: RunningJob, { databaseId, month }: Subject, round: number): Promise<{ same: boolean }> {
  return job.step(`compare ${round}`, async () => {
    const archive = await archiveOf(databaseId, month);
    if (!archive) throw new Error(`The stored month ${month} is not registered.`);
    const standing = await withDatabase(databaseId, (client) => standingOf(client, month));
    if (standing === "attached") return { same: false };
    if (standing === "gone") return { same: true };
    const found = await withConnection(databaseId, job.signal, (client) => copyOut(client, partitionOf(month), null));
    if (found.sha256 === archive.contentSha256) return { same: true };
    await attachMonth(job.actor, databaseId, month, job.signal);
    return { same: false };
  });
}

async function close(job: RunningJob, { databaseId, month }: Subject): Promise<Record<string, unknown>> {
  await job.step("drop", async () => {
    const archive = await archiveOf(databaseId, month);
    if (!archive) throw new Error(`The stored month ${month} is not registered.`);
    const { key, sha256, bytes, rows } = archive;
    await verifyObject(objectStore(), key, { sha256, bytes: Number(bytes) }, job.signal);
    await inDatabase(job.actor, databaseId, async (client) => {
      if ((await standingOf(client, month)) !== "alone") return;
      await client.query(`DROP TABLE ${partitionOf(month)}`);
      const metadata = { rows: rows.toString(), sha256, place: archive.place, file: key };
      await recordEvent(client, { action: "archive", resourceType: "audit_logs", resourceId: month, metadata });
    });
    return {};
  });
  await job.stepInControl("close", async (tx) => {
    await tx
      .update(auditArchives)
      .set({ state: "cold", coldAt: new Date().toISOString(), hotUntil: null })
      .where(
        and(
          eq(auditArchives.databaseId, databaseId),
          eq(auditArchives.month, month),
          inArray(auditArchives.state, ["stored", "hot"]),
        ),
      );
    return {};
  });
  await removeStrays(databaseId, month);
  const archive = await archiveOf(databaseId, month);
  return { archived: true, rows: archive?.rows.toString(), bytes: archive?.bytes.toString(), sha256: archive?.sha256 };
}
