import { eq } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import { inDatabase } from "../../fleet.ts";
import type { JobKind, RunningJob } from "../../jobs/kind.ts";
import { objectStore } from "../../objects/configured.ts";
import { auditArchives } from "../../schema/retention.ts";
import { monthInput } from "../archive/archive-month.ts";
import type { Manifest } from "../archive/manifest.ts";
import { summarise } from "../archive/parquet.ts";
import { replaceArchive } from "../archive/registry.ts";
import { rewriteMonth } from "../archive/rewrite-month.ts";
import { enqueueOnceWith } from "../archive/start.ts";
import { removeStrays } from "../archive/strays.ts";
import { manifestKeyOf } from "../archive/write-month.ts";
import { quoted } from "../cold/duck.ts";
import { recordEvent } from "../record-event.ts";
import { auditedDatabases } from "../scope.ts";
import type { ExpireMonth, MonthReference } from "./contract.ts";
import { expiring, keptBy, planExpiry } from "./expiry-plan.ts";
import { lockRetention } from "./rules.ts";

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

type Outcome = {
  manifest: Manifest | null;
  archiveId: string;
  removed: string;
  was: string;
  /** The rules and holds that were asked. */
  keptBy: string;
};

/**
 * Writes the month again without what is past its time, verifies that, and only then removes the file before, unless a rule or a hold
 * has come meanwhile.
 */
export const expireMonth: JobKind = {
  kind: "audit.expire",
  async run(job) {
    const { databaseId, month } = monthInput.parse(job.input);
    const reference: MonthReference = { databaseId, month };
    const outcome = await job.step("rewrite", () => rewrite(job, reference));
    await job.stepInControl("register", async (tx) => {
      const { manifest, archiveId } = outcome;
      await lockRetention(tx);
      if ((await keptBy(databaseId, tx)) !== outcome.keptBy) throw stale();
      const why = `${outcome.removed} entries were past their time.`;
      if (manifest) {
        const manifestKey = manifestKeyOf(manifest);
        const registration = { place: objectStore().place, manifestKey, jobId: job.id, why };
        await replaceArchive(tx, archiveId, manifest, registration);
      } else {
        const ended = { state: "expired", endedAt: new Date().toISOString(), endedWhy: why } as const;
        await tx.update(auditArchives).set(ended).where(eq(auditArchives.id, archiveId));
      }
      return {};
    });
    await job.step("record", async () => {
      const { removed, was: before, manifest } = outcome;
      await recordExpiry(job, reference, { removed, before, after: manifest?.sha256 ?? null, job: job.id });
      return {};
    });
    await removeStrays(databaseId, month);
    return { removed: outcome.removed };
  },
};

/** In the log that the entries are of; where its database left, in the console's own, which then says whose they were. */
async function recordExpiry(
  job: RunningJob,
  { databaseId, month }: MonthReference,
  metadata: Record<string, unknown>,
): Promise<void> {
  const event = { action: "expire", resourceType: "audit_logs", resourceId: month };
  const stands = (await auditedDatabases()).some(({ id }) => id === databaseId);
  if (stands) await inDatabase(job.actor, databaseId, (client) => recordEvent(client, { ...event, metadata }));
  else
    await inControl(job.actor, (_tx, client) =>
      recordEvent(client, { ...event, metadata: { ...metadata, database: databaseId } }),
    );
}

async function rewrite(job: RunningJob, reference: MonthReference): Promise<Outcome> {
  // Before anything is read by them: what comes from here on is seen when the file is to take its place.
  const asked = await keptBy(reference.databaseId);
  const plan = await planExpiry(job.actor, reference, job.signal);
  if (plan.hash !== job.planHash) throw stale();
  const { archive, sql, values } = await expiring(reference);
  const outcome = { archiveId: archive.id, removed: plan.expired, was: archive.sha256, keptBy: asked };
  const left = archive.rows - BigInt(plan.expired);
  if (left === 0n) return { ...outcome, manifest: null };
  const manifest = await rewriteMonth(job, archive, async (_duck, file) => ({
    sql: `SELECT * FROM read_parquet(${quoted(file)}) WHERE ${sql} IS NOT TRUE`,
    values: values.list.map(String),
    why: "Entries past their time were removed.",
    async check(duck, parquet) {
      const { rows } = await summarise(duck, parquet);
      if (rows !== left.toString()) throw new Error(`${rows} entries are left of ${reference.month}, not ${left}.`);
    },
  }));
  return { ...outcome, manifest };
}

function stale(): Refusal {
  return new Refusal("stale_plan", "What may be removed has changed since it was agreed on; nothing was removed.", {
    fix: "Look at the new plan and ask for approval again.",
  });
}
