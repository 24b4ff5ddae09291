import { and, eq, inArray, lt, sql } from "drizzle-orm";
import type { Actor } from "../../../actor.ts";
import { holdIdsFor } from "../../../audit/retention/holds.ts";
import { control, inControl } from "../../../control.ts";
import { Refusal } from "../../../errors.ts";
import { inDatabase } from "../../../fleet.ts";
import { purgeBatches, purgePolicies, type Removed } from "../../../schema/purges.ts";
import type { Policy } from "../contract.ts";
import { policiesIn } from "../inherited.ts";

export interface Attempt {
  id: string;
  runId: string;
  databaseId: string;
  schema: string;
  table: string;
  planned: number;
}

type Standing = Pick<Policy, "id" | "onAt">;

/** What a run goes by: which policies stand for a table, and which of them are switched on. */
function standOf(policies: readonly Standing[]): string {
  return policies
    .map(({ id, onAt }) => `${id} ${onAt === null ? "off" : "on"}`)
    .toSorted()
    .join(", ");
}

/**
 * Writes down that a batch is about to be removed, and answers which holds must stand where it is. The policies must still be
 * those that the run goes by: replaced or switched off, they end it here.
 */
export function attempt(actor: Actor, batch: Attempt, by: readonly Standing[]): Promise<{ holds: string[] }> {
  return inControl(actor, async (tx) => {
    const ids = by.map(({ id }) => id);
    await tx.select({ id: purgePolicies.id }).from(purgePolicies).where(inArray(purgePolicies.id, ids)).for("share");
    const now = (await policiesIn(batch.databaseId, tx)).filter(
      ({ schema, name }) => schema === batch.schema && name === batch.table,
    );
    if (standOf(now) !== standOf(by)) {
      throw new Refusal(
        "stale_plan",
        `The policies of ${batch.schema}.${batch.table} changed while it was being purged.`,
        {
          fix: "What is left is looked at in the next run.",
        },
      );
    }
    await tx.insert(purgeBatches).values(batch);
    return { holds: await holdIdsFor(tx, batch.databaseId) };
  });
}

export async function confirm(actor: Actor, id: string, removed: Removed[]): Promise<void> {
  await inControl(actor, (tx) =>
    tx
      .update(purgeBatches)
      .set({ state: "confirmed", removed, settledAt: sql`clock_timestamp()` })
      .where(and(eq(purgeBatches.id, id), eq(purgeBatches.state, "attempted"))),
  );
}

/**
 * Finds out what became of a batch whose confirmation is missing. Where its receipt is not there, one is written that says it will
 * never come: the batch's own transaction, should it still run, cannot commit beside it.
 */
export async function settle(actor: Actor, { id, databaseId }: Pick<Attempt, "id" | "databaseId">): Promise<void> {
  const receipt = await inDatabase(actor, databaseId, async (client) => {
    await client.query(
      "INSERT INTO caretaker.purged_batches (id, void) VALUES ($1, true) ON CONFLICT (id) DO NOTHING",
      [id],
    );
    const { rows } = await client.query<{ void: boolean; removed: Removed[] | null }>(
      "SELECT void, removed FROM caretaker.purged_batches WHERE id = $1",
      [id],
    );
    return rows[0];
  });
  if (receipt && !receipt.void) return confirm(actor, id, receipt.removed ?? []);
  await inControl(actor, (tx) =>
    tx
      .update(purgeBatches)
      .set({ state: "void", settledAt: sql`clock_timestamp()` })
      .where(and(eq(purgeBatches.id, id), eq(purgeBatches.state, "attempted"))),
  );
}

/** Attempts that nobody confirmed, of one run or older than a minute. */
export function openAttempts(of: { runId: string } | "stale"): Promise<{ id: string; databaseId: string }[]> {
  const which =
    of === "stale"
      ? lt(purgeBatches.attemptedAt, sql`now() - interval '60 seconds'`)
      : eq(purgeBatches.runId, of.runId);
  return control()
    .select({ id: purgeBatches.id, databaseId: purgeBatches.databaseId })
    .from(purgeBatches)
    .where(and(eq(purgeBatches.state, "attempted"), which))
    .limit(500);
}
