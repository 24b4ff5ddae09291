import { eq } from "drizzle-orm";
import { inControl } from "../../../control.ts";
import { Refusal } from "../../../errors.ts";
import type { RunningJob } from "../../../jobs/kind.ts";
import { erasures } from "../../../schema/erasures.ts";
import { findRows } from "../find/find.ts";
import { type FoundEntries, nothingElse } from "../find/findings.ts";
import { evaluate } from "../plan/evaluate.ts";
import type { Operation } from "../plan/operations.ts";
import { requirePlan } from "../plan/read.ts";
import { type ErasureRow, erasureRow, type Kept, keptOf, sealKept } from "../stored.ts";
import { eraseLog } from "./log.ts";
import { joined } from "./parts.ts";
import { applyRows, wereApplied } from "./rows.ts";

export interface Beyond {
  rows: number;
  entries: number;
  /** So many of these rows by finding. */
  items: Record<string, number>;
  /** Why it did not come to the end, where it did not. */
  why: string | null;
}

/**
 * Goes on with the rows beyond what one search takes up: batch by batch, those of the findings that two people agreed to, by the same
 * methods, and no more rows of each than they agreed to. Each batch commits as a whole, with an entry of its own in the log.
 */
export async function eraseBeyond(job: RunningJob, row: ErasureRow): Promise<Beyond> {
  const { plan } = requirePlan(row);
  const left = new Map(plan.items.filter(({ beyond }) => beyond > 0).map(({ key, beyond }) => [key, beyond]));
  const sum: Beyond = { rows: 0, entries: 0, items: {}, why: null };
  for (let number = 2; [...left.values()].some((rows) => rows > 0); number++) {
    const batch = await job.step(`batch ${number}`, () => eraseBatch(job, row, number, left));
    sum.rows += batch.rows;
    sum.entries += batch.entries;
    for (const [item, rows] of Object.entries(batch.items)) {
      left.set(item, (left.get(item) ?? 0) - rows);
      sum.items[item] = (sum.items[item] ?? 0) + rows;
    }
    await job.progress({ done: sum.rows, total: plan.beyond, unit: "rows", line: `Batch ${number} of rows` });
    if (batch.rows === 0) return { ...sum, why: batch.why };
  }
  return sum;
}

interface Batch {
  rows: number;
  entries: number;
  items: Record<string, number>;
  why: string | null;
}

async function eraseBatch(
  job: RunningJob,
  { id, databaseId, reason, basis }: ErasureRow,
  number: number,
  left: ReadonlyMap<string, number>,
): Promise<Batch & Record<string, unknown>> {
  const by = `${id} batch ${number}`;
  const isDone = await wereApplied(databaseId, id, by);
  const operations = isDone ? [] : await nextRows(job, id, number, left);
  const nothing = { rows: 0, entries: 0, items: {} };
  if (!isDone && operations.length === 0) return { ...nothing, why: null };
  const { words, batch } = keptOf(await erasureRow(id));
  const change = { databaseId, erasure: id, by, operations, words, reason: reason ?? basis, basis };
  const applied = await refusable(applyRows(job, change));
  if ("why" in applied) return { ...nothing, why: applied.why };
  const parts = batch?.log ?? [];
  const scope = `batch ${number} `;
  const order = { databaseId, erasure: id, parts, actor: null, reason: reason ?? basis, scope };
  const { entries } = await eraseLog(job, order);
  return { rows: applied.rows, entries, items: batch?.items ?? {}, why: null };
}

/** What refuses the rows that the dry run did not come to ends the erasure: the batches before it stand. */
async function refusable(change: Promise<{ rows: number }>): Promise<{ rows: number } | { why: string }> {
  try {
    return await change;
  } catch (error) {
    if (error instanceof Refusal && error.code === "stale_plan") return { why: error.message };
    throw error;
  }
}

/** The next rows of what was agreed to. What the log is to lose is kept before any of them changes. */
async function nextRows(
  job: RunningJob,
  id: string,
  number: number,
  left: ReadonlyMap<string, number>,
): Promise<Operation[]> {
  const kept = keptOf(await erasureRow(id));
  const { subject, choices, words } = kept;
  const rows = await findRows({ subject, choices, words }, job.signal);
  const found = { ...rows, ...nothingElse };
  const evaluated = evaluate(found, choices, subject);
  const taken: Record<string, number> = {};
  const operations = evaluated.operations.flatMap((operation) => {
    const { act, item, records } = operation;
    const most = act === "redact" && item !== null ? (left.get(item) ?? 0) - (taken[item] ?? 0) : 0;
    if (item === null || most <= 0) return [];
    taken[item] = (taken[item] ?? 0) + Math.min(most, records.length);
    return [{ ...operation, records: records.slice(0, most) }];
  });
  const log = partsOf(operations, evaluated.log);
  await keep(job, id, { ...kept, log: joined(kept.log, log), batch: { number, items: taken, log } });
  return operations;
}

/** Of what the log would lose, what is of these rows. */
function partsOf(operations: readonly Operation[], log: readonly FoundEntries[]): FoundEntries[] {
  return log.flatMap((part) => {
    const rows = operations.filter(({ schema, name }) => schema === part.schema && name === part.table);
    const chosen = new Set(rows.flatMap(({ records }) => records));
    const records = part.records.filter((record) => chosen.has(record));
    return records.length === 0 ? [] : [{ ...part, records }];
  });
}

function keep(job: RunningJob, id: string, kept: Kept): Promise<unknown> {
  return inControl(job.actor, (tx) =>
    tx
      .update(erasures)
      .set({ sealed: sealKept(id, kept) })
      .where(eq(erasures.id, id)),
  );
}
