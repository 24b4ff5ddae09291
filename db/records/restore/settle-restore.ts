import { and, eq, inArray, isNull, lt, or, sql } from "drizzle-orm";
import type { Actor } from "../../actor.ts";
import { control, inControl } from "../../control.ts";
import { withDatabase } from "../../fleet.ts";
import { jobs } from "../../schema/jobs.ts";
import { restores } from "../../schema/restores.ts";
import { endRecord } from "./records.ts";
import { tallyOf } from "./tally.ts";

/** Ends the record of a restore whose end was cut off, by the receipts in the database: they committed with the rows. */
export async function settleRestore(actor: Actor, restore: string, said: string | null = null): Promise<void> {
  const [row] = await control().select().from(restores).where(eq(restores.id, restore));
  if (row?.state !== "running") return;
  const tally = await withDatabase(row.databaseId, (client) => tallyOf(client, restore));
  const error = said ?? (tally.written === 0 ? "It was cut off before anything was written." : null);
  await inControl(actor, (tx) => endRecord(tx, restore, { ...tally, planned: row.planned }, error));
}

/** Restores that nobody works on any more and that have no end: their process, or their job, is gone. */
export async function danglingRestores(): Promise<string[]> {
  const rows = await control()
    .select({ id: restores.id })
    .from(restores)
    .leftJoin(jobs, eq(jobs.id, restores.jobId))
    .where(
      and(
        eq(restores.state, "running"),
        or(
          inArray(jobs.state, ["done", "failed", "cancelled"]),
          and(isNull(restores.jobId), lt(restores.startedAt, sql`now() - interval '5 minutes'`)),
        ),
      ),
    );
  return rows.map(({ id }) => id);
}
