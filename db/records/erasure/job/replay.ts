import { eq } from "drizzle-orm";
import { z } from "zod";
import { authorise } from "../../../actor.ts";
import { inControl } from "../../../control.ts";
import { Refusal } from "../../../errors.ts";
import type { JobKind, RunningJob } from "../../../jobs/kind.ts";
import { erasureChecks, erasures } from "../../../schema/erasures.ts";
import { closeDatabase } from "../closing/close.ts";
import { erasedElsewhere } from "../closing/elsewhere.ts";
import { reopen } from "../closing/open.ts";
import { closingOf } from "../closing/record.ts";
import { erasuresDue } from "../due.ts";
import { findAll, findRows } from "../find/find.ts";
import { nothingElse } from "../find/findings.ts";
import { ledgerOf } from "../ledger.ts";
import { evaluate } from "../plan/evaluate.ts";
import { findRemaining } from "../remaining.ts";
import { type ErasureRow, erasureRow, keptOf, sealKept } from "../stored.ts";
import { eraseLog } from "./log.ts";
import { joined } from "./parts.ts";
import { applyRows, wereApplied } from "./rows.ts";

const order = z.object({ database: z.uuid(), from: z.uuid(), keptOut: z.boolean().default(false) });
type Order = z.infer<typeof order>;

/**
 * Applies the erasures of a database again, oldest first: a search with the same choices, and the same methods on what it finds. Before
 * it the database is closed to its application; cut off anywhere, it stays closed, until all are applied and nothing of them is left.
 */
export const replayJob: JobKind = {
  kind: "records.erasure-replay",
  async run(job) {
    authorise(job.actor, "records.erase");
    const asked = order.parse(job.input);
    const { database, from } = asked;
    await job.step("close", () => closeFirst(job, asked));
    const ledger = await ledgerOf(from);
    let applied = 0;
    let open = 0;
    for (const [at, { id, subject }] of ledger.entries()) {
      await job.progress({ done: at, total: ledger.length, unit: "statements", line: `Erasing ${subject} again` });
      const again = await replayAll(job, `erasure ${at + 1} of ${ledger.length}`, id, database);
      applied += again.rows;
      open += again.clean ? 0 : 1;
    }
    const { opened } = await job.step("open", () => openAgain(job, asked, open));
    const closing = await closingOf(database);
    const elsewhere = closing ? (await erasedElsewhere(database, closing.closedAt)).length : 0;
    const closed = closing !== null;
    return { database, erasures: ledger.length, rows: applied, notClean: open, elsewhere, opened, closed };
  },
};

/** A database in which nothing is due is as it was when they were run, and its application goes on. */
async function closeFirst(job: RunningJob, { database, from, keptOut }: Order): Promise<{ closed: boolean }> {
  if (keptOut) return { closed: false };
  if ((await closingOf(database)) === null && (await erasuresDue(database, from)).length === 0)
    return { closed: false };
  const { sessions } = await closeDatabase(job.actor, { database, from });
  if (sessions === 0) return { closed: true };
  throw new Refusal("conflict", `${sessions} sessions go on that were open before the database was closed.`, {
    fix: "End them: stop the application, or grant pg_signal_backend to the console's role. Then apply the erasures again.",
  });
}

async function openAgain(
  job: RunningJob,
  { database, keptOut }: Order,
  notClean: number,
): Promise<{ opened: boolean }> {
  if (keptOut || notClean > 0) return { opened: false };
  const closing = await closingOf(database);
  if (closing && (await erasedElsewhere(database, closing.closedAt)).length > 0) return { opened: false };
  const { opened, gone } = await reopen(job.actor, database, "All erasures were applied again.");
  if (gone.length > 0) job.log(`Roles that are gone got no right back: ${gone.join(", ")}`);
  return { opened };
}

/** Of one erasure, more than all the rows that a search counts. */
const partsMax = 60;

/**
 * The rows, part by part as long as there are more than a search takes up; then what the log holds of them and the search for what is
 * left, once for all parts: each goes through the whole log.
 */
async function replayAll(
  job: RunningJob,
  name: string,
  id: string,
  database: string,
): Promise<{ rows: number; clean: boolean }> {
  let rows = 0;
  let acted = false;
  for (let part = 1, more = true; more && part <= partsMax; part++) {
    const [step, by] = part === 1 ? [name, job.id] : [`${name}, part ${part}`, `${job.id} part ${part}`];
    const done = await job.step(step, () => replayRows(job, id, database, { by, isFirst: part === 1 }));
    rows += done.rows;
    acted ||= done.acted;
    more = done.more;
  }
  const row = await erasureRow(id);
  const { log, subject } = keptOf(row);
  const actor = acted ? (subject.record ?? null) : null;
  await eraseLog(job, {
    ...{ databaseId: database, erasure: id, parts: log, actor, reason: reasonOf(row), scope: `${id} ` },
  });
  return { rows, clean: (await job.step(`${name}, search again`, () => record(job, row, database, rows))).clean };
}

const reasonOf = ({ reason, basis }: ErasureRow) => `Erasure applied again: ${reason ?? basis}`;

/** `acted`: the log tells by which machines the person acted. */
type Replayed = { rows: number; acted: boolean; more: boolean };

async function replayRows(
  job: RunningJob,
  id: string,
  database: string,
  { by, isFirst }: { by: string; isFirst: boolean },
): Promise<Replayed> {
  const row = await erasureRow(id);
  const kept = keptOf(row);
  const { choices, words } = kept;
  const subject = { ...kept.subject, database };
  const search = { subject, choices, words, of: kept.subject.database, here: true };
  const isDone = await wereApplied(database, id, by);
  const found = isFirst
    ? await findAll(search, job.signal)
    : { ...(await findRows(search, job.signal)), ...nothingElse };
  const { plan, operations, log, actor } = evaluate(found, choices, subject);
  // Kept before anything goes: cut off after the rows went, nothing else would tell where the log still has them.
  await inControl(job.actor, (tx) =>
    tx
      .update(erasures)
      .set({ sealed: sealKept(id, { ...kept, log: joined(kept.log, log) }) })
      .where(eq(erasures.id, id)),
  );
  const change = {
    ...{ databaseId: database, erasure: id, by, operations, words },
    ...{ reason: reasonOf(row), basis: row.basis },
  };
  const { rows } = await applyRows(job, change);
  // Rows that were found after this very part had changed its own are the next one's.
  return { rows, acted: actor !== null, more: operations.length > 0 && (isDone || plan.beyond > 0) };
}

async function record(
  job: RunningJob,
  row: ErasureRow,
  database: string,
  applied: number,
): Promise<{ clean: boolean }> {
  const { clean, remaining, notReached } = await findRemaining(keptOf(row), job.signal, database);
  await inControl(job.actor, (tx) =>
    tx.insert(erasureChecks).values({
      ...{ erasureId: row.id, databaseId: database, what: "replay" as const, clean, remaining, notReached, applied },
      ...{ actorName: job.actor.name, jobId: job.id },
    }),
  );
  return { clean };
}
