import { eq } from "drizzle-orm";
import { authorise } from "../../../actor.ts";
import { databaseNames } from "../../../audit/scope.ts";
import { inControl } from "../../../control.ts";
import { Refusal } from "../../../errors.ts";
import type { JobKind, RunningJob } from "../../../jobs/kind.ts";
import { erasureChecks, erasures } from "../../../schema/erasures.ts";
import { certificateOf, signCertificate } from "../certificate.ts";
import { findRows } from "../find/find.ts";
import { rowsDigest } from "../plan/evaluate.ts";
import { requirePlan } from "../plan/read.ts";
import { findRemaining } from "../remaining.ts";
import { type ErasureRow, erasureRow, foundOf, keptOf } from "../stored.ts";
import { eraseBeyond } from "./beyond.ts";
import { withdrawExports } from "./exports.ts";
import { eraseLog } from "./log.ts";
import { applyRows, wereApplied } from "./rows.ts";
import { ofErasure } from "./search.ts";

/**
 * Rows first, in one transaction; then what the log holds of them, with the entries that this very transaction wrote; then exports;
 * then a search that must find nothing, and the certificate. Cut off at any point, it goes on from there.
 */
export const eraseRows: JobKind = {
  kind: "records.erase",
  async run(job) {
    authorise(job.actor, "records.erase");
    const row = await erasureRow(ofErasure.parse(job.input).erasure);
    if (row.certificate !== null) return { erasure: row.id, clean: row.state === "done" };
    return erase(job, row);
  },
};

async function erase(job: RunningJob, row: ErasureRow): Promise<Record<string, unknown>> {
  const { id, databaseId, basis } = row;
  const { plan, log, actor, exports } = requirePlan(row);
  const reason = row.reason ?? basis;
  const first = await eraseRowsOnce(job, row);
  // From here on it is in the ledger, whatever becomes of the job.
  await job.stepInControl("rows are changed", async (tx) => {
    await tx
      .update(erasures)
      .set({ outcome: { rows: first.rows } })
      .where(eq(erasures.id, id));
    return {};
  });
  const ofLog = await eraseLog(job, { databaseId, erasure: id, parts: log, actor, reason });
  const beyond = await eraseBeyond(job, row);
  const withdrawn = await withdrawExports(job, id, exports);
  const rows = first.rows + beyond.rows;
  const entries = ofLog.entries + beyond.entries;
  await job.progress({ done: rows, total: rows, unit: "rows", line: "Searching for what is left" });
  const left = await job.step("search again", async () => {
    const { clean, remaining, notReached, found } = await findRemaining(keptOf(await erasureRow(id)), job.signal);
    const unfinished = beyond.why === null ? [] : [{ where: "rows beyond the first batch", why: beyond.why }];
    return {
      clean: clean && beyond.why === null,
      remaining,
      notReached: [...notReached, ...unfinished],
      backups: found.backups,
      papers: found.papers,
      checkedAt: new Date().toISOString(),
    };
  });
  const name = (await databaseNames([databaseId])).get(databaseId) ?? databaseId;
  await job.stepInControl("certificate", async (tx, client) => {
    const came = { plan, entries, beyond, ...withdrawn, left, ...left };
    const certificate = await signCertificate(client, certificateOf(row, name, came));
    const { clean, remaining, notReached } = left;
    await tx.insert(erasureChecks).values({
      ...{ erasureId: id, databaseId, what: "run", clean, remaining, notReached, applied: rows },
      ...{ actorName: job.actor.name, jobId: job.id },
    });
    await tx
      .update(erasures)
      .set({
        state: clean ? "done" : "incomplete",
        found: null,
        certificate,
        outcome: { rows, entries, ...withdrawn, held: plan.held },
        finishedAt: new Date().toISOString(),
      })
      .where(eq(erasures.id, id));
    return {};
  });
  return { erasure: id, rows, entries, clean: left.clean };
}

/** @throws Refusal `stale_plan` when the rows are others by now; then nothing was done, and the erasure may be planned anew. */
async function eraseRowsOnce(job: RunningJob, row: ErasureRow): Promise<{ rows: number }> {
  const { id, databaseId, basis, reason } = row;
  const { operations } = requirePlan(row);
  const { words } = keptOf(row);
  try {
    await job.step("look again", async () => {
      if (!(await wereApplied(databaseId, id, id))) await requireSameRows(job, row);
      return {};
    });
    return await job.step("rows", () =>
      applyRows(job, { databaseId, erasure: id, by: id, operations, words, reason: reason ?? basis, basis }),
    );
  } catch (error) {
    // A rule that refuses now was made since the dry run, or the rows are others.
    if (error instanceof Refusal && error.code === "stale_plan") await backToSearch(job, row, error.message);
    throw error;
  }
}

/** @throws Refusal `stale_plan` when rows came, went or changed since the plan was agreed to. Nothing is done then. */
async function requireSameRows(job: RunningJob, row: ErasureRow): Promise<void> {
  const { subject, choices, words } = keptOf(row);
  const before = foundOf(row);
  const now = await findRows({ subject, choices, words }, job.signal);
  if (before && rowsDigest(before) === rowsDigest(now)) return;
  throw new Refusal(
    "stale_plan",
    "Rows that name the person came, went or changed since the plan was made; nothing was done.",
    {
      fix: "Search again, and have the new plan approved.",
    },
  );
}

function backToSearch(job: RunningJob, { id }: ErasureRow, error: string): Promise<unknown> {
  return inControl(job.actor, (tx) =>
    tx.update(erasures).set({ state: "found", rehearsedHash: null, error }).where(eq(erasures.id, id)),
  );
}
