import type pg from "pg";
import type { Actor } from "../../actor.ts";
import { Refusal } from "../../errors.ts";
import { inDatabase } from "../../fleet.ts";
import { describeChanges } from "./changes.ts";
import { holdStill } from "./hold-still.ts";
import { type MadePlan, makePlan } from "./make-plan.ts";
import { indexLogOf, withLog } from "./place.ts";
import { readKinds } from "./read/kinds.ts";
import { tenantOf } from "./read/tables.ts";
import { openScratch, speakPlainly } from "./scratch.ts";
import type { StoredPlan } from "./stored.ts";
import { type Tally, tallyOf } from "./tally.ts";
import { restoredBy } from "./who.ts";
import { type Place, startWork, type Work } from "./work.ts";
import { enterReceipts } from "./write/receipts.ts";
import { markUndone } from "./write/undone.ts";
import { writeBatches } from "./write/write.ts";

const runLimits = { statement: 120_000, lock: 5_000, idle: 60_000 };

export interface Order {
  /** The restore's id. */
  restore: string;
  plan: string;
  stored: StoredPlan;
  reason: string | null;
  /** Rows that one transaction writes, where there is more than one. */
  rowsInChunk: number;
}

/**
 * Restores all rows of a plan in one transaction, which looks at the world again under its locks: when it is not the planned one
 * any more, nothing is done. The database's own triggers record the restore.
 */
export function restoreAtOnce(actor: Actor, place: Place, order: Order): Promise<Tally> {
  return inRestore(actor, place, order, async (work, spoken) => {
    await holdStill(work.client, Object.keys(order.stored.parts?.tables ?? {}));
    const made = await makePlan(work, order.stored.input);
    await requireSame(work, order, made);
    await enterReceipts(work, order.restore);
    await work.client.query("SELECT set_config('app.current_tenant_id', $1, true)", [(await tenantOf(work)) ?? ""]);
    await writeBatches(work, made.batches, order.restore, spoken);
    await markUndone(work, order.stored.input.undo, order.restore);
    return tallyOf(work.client, order.restore);
  });
}

/** One transaction of a restore, with the scratch tables open. */
export async function inRestore<T>(
  actor: Actor,
  place: Place,
  { restore, stored, reason }: Order,
  run: (work: Work, spoken: Record<string, string>) => Promise<T>,
): Promise<T> {
  await indexLogOf(actor, place);
  const { choices, undo } = stored.input;
  const more = { choices, lock: true, undoing: undo !== undefined, restore };
  const work = async (client: pg.PoolClient) => {
    await requireInstalled(client);
    await openScratch(client, place);
    return withLog(place, client, async (log) => {
      const spoken = await speakPlainly(client);
      return run(startWork(client, place, log, more), spoken);
    });
  };
  return inDatabase(actor, place.id, work, { reason, limits: runLimits });
}

/** The receipts came with a later version of what adoption installs. */
async function requireInstalled(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('caretaker.restored_rows') IS NOT NULL AS there",
  );
  if (rows[0]?.there) return;
  throw new Refusal("unsupported", "What is installed in this database is older than restores are.", {
    fix: "Open it under Databases, look at the plan and apply it; then restore.",
  });
}

/** @throws Refusal `stale_plan`, which names what changed, or `conflict` for a plan that cannot run. */
export async function requireSame(work: Work, { plan, stored }: Order, made: MadePlan): Promise<void> {
  if (made.hash !== plan) {
    const kinds = await readKinds(work);
    const changes = stored.parts ? describeChanges(stored.parts, made.parts, kinds) : [];
    const said = [...(await restoredBy(work)), ...changes].slice(0, 4);
    throw new Refusal("stale_plan", `The plan does not hold any more. ${said.join(" ")}`.trim(), {
      fix: "Look at the new plan first.",
    });
  }
  if (Object.values(made.parts.problems).some(({ open }) => open > 0)) {
    throw new Refusal("conflict", "Problems of the plan are still open.", {
      fix: "Choose what to do about each first.",
    });
  }
  if (made.parts.writes === 0) {
    throw new Refusal("conflict", "There is nothing to restore.", { fix: "All of it is live already, or left out." });
  }
}
