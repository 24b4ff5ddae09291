import { join } from "node:path";
import { eq } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import { inDatabase } from "../../fleet.ts";
import type { JobKind, RunningJob } from "../../jobs/kind.ts";
import { objectStore } from "../../objects/configured.ts";
import { digestFile } from "../../objects/digest.ts";
import { auditArchives } from "../../schema/retention.ts";
import { monthInput, removeStrays } from "../archive/archive-month.ts";
import { type Manifest, manifestOf } from "../archive/manifest.ts";
import { rewriteParquet, summarise, toCsv } from "../archive/parquet.ts";
import { registerArchive } from "../archive/registry.ts";
import { withScratch } from "../archive/scratch.ts";
import { enqueueOnceWith } from "../archive/start.ts";
import { manifestKeyOf, prefixOf, storeFile } from "../archive/write-month.ts";
import { withDuck } from "../cold/duck.ts";
import { coldFile } from "../cold/file.ts";
import { recordEvent } from "../record-event.ts";
import type { ExpireMonth, MonthReference } from "./contract.ts";
import { expiring, planExpiry } from "./expiry-plan.ts";

/** Removes for good what is past its time in an archived month. Needs a second person; holds win. */
export async function startExpiry(actor: Actor, input: ExpireMonth): Promise<{ jobId: string }> {
  authorise(actor, "retention.manage");
  const { databaseId, month } = input;
  const plan = await planExpiry(actor, { databaseId, month });
  if (plan.expired === "0") {
    throw new Refusal("conflict", `Nothing in ${month} of ${plan.databaseName} may be removed.`, {
      fix:
        plan.held === "0" ? "Look at the retention rules." : `${plan.held} entries are held: ${plan.holds.join(", ")}.`,
    });
  }
  return inControl(
    actor,
    async (tx, client) => {
      const subject = expirySubject(plan.databaseName, month);
      const need = { tier: "irreversible", subject, planHash: plan.hash, secondPerson: true } as const;
      await requireConsent(tx, actor, { verb: "retention.expire", ...need }, input);
      const title = `Remove ${plan.expired} expired entries from ${month} of ${plan.databaseName}`;
      const job = { kind: "audit.expire", title, input: { databaseId, month }, planHash: plan.hash };
      return { jobId: await enqueueOnceWith(client, actor, job) };
    },
    { reason: input.reason ?? null },
  );
}

/** The name that is typed to confirm. */
export function expirySubject(databaseName: string, month: string): string {
  return `${databaseName} ${month}`;
}

type Outcome = { manifest: Manifest | null; archiveId: string; removed: string; was: string };

/** Writes the month again without what is past its time, verifies that, and only then removes the file before. */
export const expireMonth: JobKind = {
  kind: "audit.expire",
  async run(job) {
    const { databaseId, month } = monthInput.parse(job.input);
    const reference: MonthReference = { databaseId, month };
    const outcome = await job.step("rewrite", () => rewrite(job, reference));
    await job.stepInControl("register", async (tx) => {
      const { manifest, archiveId } = outcome;
      const why = `${outcome.removed} entries were past their time.`;
      if (manifest) {
        const manifestKey = manifestKeyOf(manifest);
        await registerArchive(tx, manifest, { place: objectStore().place, manifestKey, jobId: job.id, why });
      } else {
        const ended = { state: "expired", endedAt: new Date().toISOString(), endedWhy: why } as const;
        await tx.update(auditArchives).set(ended).where(eq(auditArchives.id, archiveId));
      }
      return {};
    });
    await job.step("record", async () => {
      await inDatabase(job.actor, databaseId, (client) =>
        recordEvent(client, {
          action: "expire",
          resourceType: "audit_logs",
          resourceId: month,
          metadata: {
            removed: outcome.removed,
            before: outcome.was,
            after: outcome.manifest?.sha256 ?? null,
            job: job.id,
          },
        }),
      );
      return {};
    });
    await removeStrays(databaseId, month);
    return { removed: outcome.removed };
  },
};

async function rewrite(job: RunningJob, reference: MonthReference): Promise<Outcome> {
  const plan = await planExpiry(job.actor, reference, job.signal);
  if (plan.hash !== job.planHash) {
    throw new Refusal("stale_plan", "What may be removed has changed since it was agreed on; nothing was removed.", {
      fix: "Look at the new plan and ask for approval again.",
    });
  }
  const { archive, sql, values } = await expiring(job.actor, reference);
  const outcome = { archiveId: archive.id, removed: plan.expired, was: archive.sha256 };
  const left = archive.rows - BigInt(plan.expired);
  if (left === 0n) return { ...outcome, manifest: null };
  const file = await coldFile(archive, job.signal);
  return withScratch(async (folder) => {
    const parquet = join(folder, "left.parquet");
    const made = await withDuck({ memory: "1GB", threads: 2, signal: job.signal, folder }, async (duck) => {
      const printed = await rewriteParquet(duck, file, `${sql} IS NOT TRUE`, values.list.map(String), parquet, folder);
      const back = join(folder, "back.csv");
      await toCsv(duck, parquet, back);
      const contentSha256 = (await digestFile(back, job.signal)).sha256;
      if (contentSha256 !== printed) throw new Error("The rewritten month does not print what was left of it.");
      return { ...(await summarise(duck, parquet)), contentSha256 };
    });
    if (made.rows !== left.toString())
      throw new Error(`${made.rows} entries are left of ${reference.month}, not ${left}.`);
    const { bytes, sha256 } = await digestFile(parquet, job.signal);
    const manifest = manifestOf({
      ...made,
      ...reference,
      databaseName: archive.databaseName,
      file: `${prefixOf(reference.databaseId, reference.month)}${sha256}.parquet`,
      bytes,
      sha256,
      // The checkpoint covers what is left as it covered the whole.
      seal: archive.manifest.seal ? { ...archive.manifest.seal } : null,
      replaces: { sha256: archive.sha256, rows: archive.rows.toString(), why: "Entries past their time were removed." },
    });
    await storeFile(job, manifest, parquet);
    return { ...outcome, manifest };
  });
}
