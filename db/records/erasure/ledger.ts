import { and, asc, eq, inArray, isNotNull, or, sql } from "drizzle-orm";
import { control } from "../../control.ts";
import { erasures } from "../../schema/erasures.ts";

export interface LedgerEntry {
  id: string;
  subject: string;
  /** When it ended, or began where it did not end. */
  at: string;
}

/** Ended ones, and those that changed rows and whose job is over before its end. One whose job goes on is under way. */
export const isLedger = or(
  inArray(erasures.state, ["done", "incomplete"]),
  and(
    eq(erasures.state, "running"),
    isNotNull(erasures.outcome),
    sql`EXISTS (SELECT FROM jobs AS j WHERE j.id = ${erasures.runJobId} AND j.state IN ('done', 'failed', 'cancelled'))`,
  ),
);

const at = sql<string>`coalesce(${erasures.finishedAt}, ${erasures.startedAt})`;

/** The erasures of a database, in the order in which they were run. */
export function ledgerOf(databaseId: string): Promise<LedgerEntry[]> {
  return control()
    .select({ id: erasures.id, subject: erasures.subject, at })
    .from(erasures)
    .where(and(eq(erasures.databaseId, databaseId), isLedger))
    .orderBy(asc(at), asc(erasures.id));
}
