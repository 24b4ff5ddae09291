import { type Actor, authorise } from "../../actor.ts";
import { controlPool, inControl } from "../../control.ts";
import type { RowReader } from "../../copy/rows.ts";
import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { type SealFinding, sealVerifications } from "../../schema/proof.ts";
import { Comparison } from "./comparison.ts";
import { erasedIds, lostStretches, removedByRetention } from "./excused.ts";
import { treeFindings } from "./fork.ts";
import type { Tile } from "./frontier.ts";
import { sealableTo, sealHorizon } from "./horizon.ts";
import { readLog } from "./log.ts";
import { readLogRows } from "./log-rows.ts";
import { idOf } from "./rows.ts";
import { leafTiles } from "./tiles.ts";

export interface Verification {
  verdict: "good" | "bad";
  size: number;
  /** Rows that PostgreSQL holds, and rows of archived months' files. */
  entries: number;
  archived: number;
  /** Of both: whose values were erased. */
  erased: number;
  /** Sealed entries that retention removed. */
  expired: number;
  /** Sealed entries that a restore of the database took away. */
  lost: number;
  findingCount: number;
  findings: SealFinding[];
}

const findingsKept = 200;

/**
 * Compares a database's log with its tree, entry by entry, wherever the entries lie by now, and the tree with its signed
 * checkpoints; records what was found. `published` are checkpoints that lay outside the control database's reach.
 */
export async function verifyLog(
  actor: Actor,
  databaseId: string,
  options: { signal?: AbortSignal; published?: readonly string[]; progress?: (done: number, of: number) => void } = {},
): Promise<Verification> {
  authorise(actor, "audit.verify");
  const startedAt = new Date().toISOString();
  const log = await readLog(controlPool(), databaseId);
  if (!log) throw neverSealed();
  const wentBack = await withDatabase(databaseId, async (client) => {
    return sealableTo(await sealHorizon(client), log.sealedTo) === null;
  });
  const comparison = new Comparison(await erasedIds(databaseId));
  const leaves = leafTiles(controlPool(), databaseId, log.size);
  const stretches = await lostStretches(databaseId);
  // Leaves whose entries are gone wait to the end, and must not hold up those after them.
  const slack = ahead + stretches.reduce((sum, { lost }) => sum + lost, 0);
  const counts = { entries: 0, archived: 0 };
  const counting = (kind: keyof typeof counts): RowReader => ({
    take(row) {
      counts[kind] += 1;
      comparison.addRow(idOf(row), row);
    },
    pause() {
      const done = counts.entries + counts.archived;
      options.progress?.(Math.min(done, log.size), log.size);
      return comparison.leaves < Math.min(done + slack, log.size) ? keepUp(comparison, leaves, done + 2 * slack) : null;
    },
  });
  await keepUp(comparison, leaves, ahead);
  const { signal = new AbortController().signal } = options;
  const months = await readLogRows(log, signal, counting("entries"), counting("archived"));
  await keepUp(comparison, leaves, Number.POSITIVE_INFINITY);
  const removed = await removedByRetention(databaseId);
  const { findings, ...excused } = comparison.finish({ wentBack, removed, stretches, ...months });
  const all = [...(await treeFindings(databaseId, log, options.published ?? [])), ...findings];
  const verification: Verification = {
    verdict: all.length === 0 ? "good" : "bad",
    size: log.size,
    ...counts,
    ...excused,
    findingCount: all.length,
    findings: all.slice(0, findingsKept),
  };
  await inControl(actor, (tx) => tx.insert(sealVerifications).values({ databaseId, startedAt, ...verification }));
  return verification;
}

/** Leaves that wait for their rows: a row that finds its leaf there need not be kept. */
const ahead = 8_192;

/** Reads leaves as rows come, so that both sides pass by at the same pace. */
async function keepUp(comparison: Comparison, leaves: AsyncGenerator<Tile>, until: number): Promise<void> {
  while (comparison.leaves < until) {
    const { value, done } = await leaves.next();
    if (done) return;
    comparison.addTile(value);
  }
}

function neverSealed(): Refusal {
  return new Refusal("not_found", "Nothing of this log is sealed yet.", {
    fix: "The worker seals every minute: see that it runs, and come back in two.",
  });
}
