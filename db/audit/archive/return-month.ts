import { join } from "node:path";
import { eq } from "drizzle-orm";
import { Refusal } from "../../errors.ts";
import { inDatabase, withDatabase } from "../../fleet.ts";
import type { JobKind, RunningJob } from "../../jobs/kind.ts";
import { identifier } from "../../managed/statement.ts";
import { objectStore } from "../../objects/configured.ts";
import { fetchObject } from "../../objects/digest.ts";
import { auditArchives } from "../../schema/retention.ts";
import { withDuck } from "../cold/duck.ts";
import { recordEvent } from "../record-event.ts";
import { monthInput } from "./archive-month.ts";
import { attachMonth } from "./attach.ts";
import { withConnection } from "./connection.ts";
import { copyIn, copyOut } from "./content.ts";
import { partitionName } from "./month.ts";
import { toCsv } from "./parquet.ts";
import { type Archive, archiveOf } from "./registry.ts";
import { withScratch } from "./scratch.ts";
import { stagingOf, standingOf } from "./standing.ts";

/** How long a month that was brought back stays before it is archived again. */
const stayDays = 30;

/** Loads a cold month into a table of its own, proves that it is what was stored, and puts it back into the log. */
export const returnMonth: JobKind = {
  kind: "audit.return",
  async run(job) {
    const { databaseId, month } = monthInput.parse(job.input);
    const archive = await archiveOf(databaseId, month);
    if (!archive) {
      throw new Refusal("not_found", `${month} is not archived.`, { fix: "Look at the list of months." });
    }
    // What an attempt before this one loaded of another file, such as one from before an erasure, is not what comes back.
    await job.step(`load ${archive.sha256.slice(0, 12)}`, async () => {
      if ((await withDatabase(databaseId, (client) => standingOf(client, month))) === "gone") await load(job, archive);
      return {};
    });
    await job.step("attach", async () => {
      await attachMonth(job.actor, databaseId, month, job.signal, async (client) => {
        // A month that an archiving left standing alone goes back as it is.
        if ((await standingOf(client, month)) === "alone") return;
        await client.query(`ALTER TABLE ${stagingOf(month)} RENAME TO ${identifier(partitionName(month))}`);
        const metadata = { rows: archive.rows.toString(), sha256: archive.sha256, file: archive.key };
        await recordEvent(client, { action: "return", resourceType: "audit_logs", resourceId: month, metadata });
      });
      return {};
    });
    await job.stepInControl("close", async (tx) => {
      const hotUntil = new Date(Date.now() + stayDays * 86_400_000).toISOString();
      await tx
        .update(auditArchives)
        .set({ state: "hot", coldAt: null, hotUntil })
        .where(eq(auditArchives.id, archive.id));
      return {};
    });
    return { rows: archive.rows.toString() };
  },
};

function load(job: RunningJob, { databaseId, month, key, sha256, bytes, contentSha256 }: Archive): Promise<void> {
  return withScratch(async (folder) => {
    const parquet = join(folder, "entries.parquet");
    const csv = join(folder, "entries.csv");
    job.log(`Fetching ${month}`);
    await fetchObject(objectStore(), key, parquet, { sha256, bytes: Number(bytes) }, job.signal);
    await withDuck({ memory: "1GB", threads: 2, signal: job.signal, folder }, (duck) => toCsv(duck, parquet, csv));
    job.log(`Loading ${month}`);
    // What an interrupted attempt loaded is not trusted: it is loaded again.
    await inDatabase(job.actor, databaseId, async (client) => {
      await client.query(`DROP TABLE IF EXISTS ${stagingOf(month)}`);
      await client.query(`CREATE TABLE ${stagingOf(month)} (LIKE caretaker.audit_logs_indexed INCLUDING ALL)`);
    });
    const loaded = await withConnection(databaseId, job.signal, async (client) => {
      await copyIn(client, stagingOf(month), csv);
      return copyOut(client, stagingOf(month), null);
    });
    if (loaded.sha256 === contentSha256) return;
    throw new Refusal("conflict", `What was loaded of ${month} is not what was stored, so it was not put back.`, {
      fix: "The archived month is untouched. Report this.",
    });
  });
}
