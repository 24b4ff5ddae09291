import { desc, eq, sql } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { control, inControl } from "../../control.ts";
import { databases } from "../../schema/fleet.ts";
import { type PurgeCount, purgeBatches, purgeRuns } from "../../schema/purges.ts";

export interface PurgeRun {
  id: string;
  databaseId: string;
  databaseName: string;
  jobId: string | null;
  dry: boolean;
  state: "running" | "done" | "failed";
  counts: PurgeCount[];
  removed: number;
  error: string | null;
  startedAt: string;
  finishedAt: string | null;
}

/** Runs, newest first. */
export async function listRuns(actor: Actor, databaseId: string | null, limit = 20): Promise<PurgeRun[]> {
  authorise(actor, "records.read");
  const rows = await control()
    .select({ run: purgeRuns, databaseName: databases.name })
    .from(purgeRuns)
    .innerJoin(databases, eq(databases.id, purgeRuns.databaseId))
    .where(databaseId === null ? sql`true` : eq(purgeRuns.databaseId, databaseId))
    .orderBy(desc(purgeRuns.startedAt), desc(purgeRuns.id))
    .limit(limit);
  return rows.map(({ run, databaseName }) => ({ ...run, databaseName }));
}

/** Enters a run; one that was cut off goes on under its own id. */
export async function beginRun(actor: Actor, id: string, databaseId: string, dry: boolean): Promise<void> {
  await inControl(actor, (tx) =>
    tx
      .insert(purgeRuns)
      .values({ id, databaseId, dry, jobId: id })
      .onConflictDoUpdate({ target: purgeRuns.id, set: { state: "running", error: null } }),
  );
}

/** What went is added up from the batches that were confirmed; what is left is counted by the caller. */
export async function endRun(
  actor: Actor,
  id: string,
  left: PurgeCount[],
  notes: readonly string[],
): Promise<PurgeCount[]> {
  const gone = await control().execute<{ table: string; tenant: string | null; rows: number }>(sql`
    SELECT r->>'table' AS "table", r->>'tenant' AS tenant, sum((r->>'rows')::int)::int AS rows
      FROM ${purgeBatches} AS b CROSS JOIN LATERAL jsonb_array_elements(b.removed) AS r
     WHERE b.run_id = ${id} AND b.state = 'confirmed' GROUP BY 1, 2 ORDER BY 1, 2`);
  const counts = new Map<string, PurgeCount>();
  const keyOf = (one: { table: string; tenant: string | null }) => JSON.stringify([one.table, one.tenant]);
  for (const one of gone.rows) counts.set(keyOf(one), { ...one, held: 0, blocked: 0 });
  for (const one of left) {
    const { rows = 0 } = counts.get(keyOf(one)) ?? {};
    counts.set(keyOf(one), { ...one, rows });
  }
  const removed = gone.rows.reduce((sum, { rows }) => sum + rows, 0);
  const finished = { counts: [...counts.values()], removed, error: notes.join(" ") || null };
  await finish(actor, id, { state: "done", ...finished });
  return finished.counts;
}

export async function endDryRun(actor: Actor, id: string, counts: PurgeCount[]): Promise<void> {
  await finish(actor, id, { state: "done", counts });
}

export async function failRun(actor: Actor, id: string, error: string): Promise<void> {
  await finish(actor, id, { state: "failed", error });
}

async function finish(actor: Actor, id: string, values: Partial<typeof purgeRuns.$inferInsert>): Promise<void> {
  await inControl(actor, (tx) =>
    tx
      .update(purgeRuns)
      .set({ ...values, finishedAt: sql`clock_timestamp()` })
      .where(eq(purgeRuns.id, id)),
  );
}
