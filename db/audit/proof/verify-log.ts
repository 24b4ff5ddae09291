import { type Actor, authorise } from "../../actor.ts";
import { controlPool, inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { type SealFinding, sealVerifications } from "../../schema/proof.ts";
import { limits } from "../../transaction.ts";
import { Comparison } from "./comparison.ts";
import { archivedMonths, erasedIds } from "./excused.ts";
import { treeFindings } from "./fork.ts";
import { sealableTo, sealHorizon } from "./horizon.ts";
import { readLog } from "./log.ts";
import { idOf, printRows } from "./rows.ts";
import { leafTiles } from "./tiles.ts";

export interface Verification {
  verdict: "good" | "bad";
  size: number;
  entries: number;
  erased: number;
  archived: number;
  findingCount: number;
  findings: SealFinding[];
}

const findingsKept = 200;

/**
 * Compares a database's log with its tree, entry by entry, and the tree with its signed checkpoints; records what was found.
 * `published` are checkpoints that lay outside the control database's reach.
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
  const erased = await erasedIds(databaseId);
  const { signal = new AbortController().signal } = options;
  const comparison = new Comparison(erased);
  const leaves = leafTiles(controlPool(), databaseId, log.size);
  const circumstances = await withDatabase(
    databaseId,
    async (client) => {
      const wentBack = sealableTo(await sealHorizon(client), log.sealedTo) === null;
      let due = 0;
      await printRows(
        client,
        `caretaker.audit_logs WHERE transaction_id < '${BigInt(log.sealedTo)}'::xid8 ORDER BY transaction_id, audit_logs.id`,
        signal,
        (row) => {
          due += 1;
          comparison.addRow(idOf(row), row);
        },
        async () => {
          // Leaves are read as rows come, so that both sides pass by at the same pace.
          while (comparison.leaves < due) {
            const { value, done } = await leaves.next();
            if (done) break;
            comparison.addTile(value);
          }
          options.progress?.(Math.min(due, log.size), log.size);
        },
      );
      return { wentBack, isArchived: await archivedMonths(client, databaseId) };
    },
    { limits: limits.long },
  );
  for await (const tile of leaves) comparison.addTile(tile);
  const { findings, ...counts } = comparison.finish(circumstances);
  const all = [...(await treeFindings(databaseId, log, options.published ?? [])), ...findings];
  const verification: Verification = {
    verdict: all.length === 0 ? "good" : "bad",
    size: log.size,
    ...counts,
    findingCount: all.length,
    findings: all.slice(0, findingsKept),
  };
  await inControl(actor, (tx) => tx.insert(sealVerifications).values({ databaseId, startedAt, ...verification }));
  return verification;
}

function neverSealed(): Refusal {
  return new Refusal("not_found", "Nothing of this log is sealed yet.", {
    fix: "The worker seals every minute: see that it runs, and come back in two.",
  });
}
