import type { Actor } from "../../../actor.ts";
import { Refusal } from "../../../errors.ts";
import { inRestore, type Order } from "../at-once.ts";
import { noChoices } from "../contract.ts";
import { evaluate } from "../evaluate.ts";
import { holdStill } from "../hold-still.ts";
import { readKinds } from "../read/kinds.ts";
import { problems, rows } from "../scratch.ts";
import { named, type Place, type Work } from "../work.ts";
import { noteColumns } from "../write/changed.ts";
import { planSteps } from "../write/steps.ts";
import { markUndone } from "../write/undone.ts";
import { writeBatches } from "../write/write.ts";
import { loadChunk, tablesOfChunk } from "./load-chunk.ts";

/**
 * Writes one chunk in one transaction, its receipts with it. The world is looked at again under the locks: where it is not the
 * planned one any more, the restore stops before this chunk. A chunk that was written is not written again.
 */
export function writeChunk(actor: Actor, place: Place, order: Order, chunk: number): Promise<{ rows: number }> {
  return inRestore(actor, place, order, async (opened, spoken) => {
    // What was chosen is part of the receipts by now.
    const work: Work = { ...opened, choices: noChoices };
    const tables = await tablesOfChunk(work, order.restore, chunk);
    const planned = tables.reduce((sum, { rows }) => sum + rows, 0);
    if (planned === 0) return { rows: 0 };
    await holdStill(work.client, tables.map(named));
    await loadChunk(work, tables, order.restore, chunk);
    await evaluate(work, settleChosen);
    await requireAsPlanned(work, planned, chunk);
    await noteColumns(work);
    await writeBatches(work, await planSteps(work), order.restore, spoken);
    await markUndone(work, order.stored.input.undo, order.restore);
    return { rows: planned };
  });
}

/** A column that gets another value, its default, or has gone is no problem any more: that was chosen. */
async function settleChosen({ client }: Work): Promise<void> {
  await client.query(
    `UPDATE ${problems} AS p SET settled = true FROM ${rows} AS r
      WHERE r.n = p.n AND (p.code = 'column_gone' OR (p.code IN ('masked', 'capped', 'type_changed', 'required')
        AND p.columns <@ (r.omitted || ARRAY(SELECT jsonb_object_keys(r.given)))))`,
  );
}

async function requireAsPlanned(work: Work, planned: number, chunk: number): Promise<void> {
  const { rows: found } = await work.client.query<{ open: number }>(
    `SELECT count(*)::int AS open FROM ${rows} AS r
      WHERE r.state = 'open' AND NOT EXISTS (SELECT FROM ${problems} AS p WHERE p.n = r.n AND NOT p.settled)`,
  );
  const gone = planned - (found[0]?.open ?? 0);
  if (gone === 0) return;
  const kinds = await readKinds(work);
  const said = kinds.flatMap(({ examples }) =>
    examples.slice(0, 1).map(({ record, message }) => `${record ?? ""}: ${message}`),
  );
  throw new Refusal(
    "stale_plan",
    `Before chunk ${chunk} it stopped, because ${gone} of its rows cannot be restored as planned. ${said.slice(0, 3).join(" ")}`.trim(),
    { fix: "What was restored until then stays, and can be taken back. Plan the rest anew." },
  );
}
