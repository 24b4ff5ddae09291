import { z } from "zod";
import { type Actor, authorise } from "../actor.ts";
import { askAll } from "../fleet.ts";
import { conditions, Values } from "./conditions.ts";
import { type AuditFilter, auditFilter } from "./contract.ts";
import { isEntryId } from "./entry-id.ts";
import { askedNow } from "./query/asked.ts";
import { termsIn } from "./query/people.ts";
import { askedFilter, recordReading } from "./reading.ts";

/** What is newer than the first row of a list: its time and id as the list has them. */
export const newerQuery = auditFilter.extend({
  at: z.iso.datetime(),
  id: z.string().refine(isEntryId, "This is no entry's id."),
});

/** More are not counted: the reader is to ask again anyway. */
const newerMax = 100;

const waitMs = 2_000;

/**
 * How many entries of a filter have come since; a database that is slow to say is left out until the next time, and named. It belongs
 * to the recorded search whose list is open.
 */
export async function countNewer(
  actor: Actor,
  { at, id, ...filter }: AuditFilter & { at: string; id: string },
  signal?: AbortSignal,
): Promise<{ count: number; silent: string[] }> {
  authorise(actor, "audit.read");
  await recordReading(actor, "search_audit", askedFilter(filter), "further");
  const asked = await askedNow(filter);
  const { answers, silent } = await askAll(
    asked.map((database) => database.id),
    async (client, databaseId) => {
      const database = asked.find((one) => one.id === databaseId);
      if (!database) return 0;
      const values = new Values();
      const since = values.add(at);
      const where = conditions(values, await termsIn(client, database));
      where.push(`created_at >= ${since}::timestamptz`);
      where.push(`(created_at, id) > (${since}::timestamptz, ${values.add(id)}::bigint)`);
      const text = `SELECT count(*)::int AS count
                      FROM (SELECT FROM caretaker.audit_logs WHERE ${where.join(" AND ")} LIMIT ${newerMax}) AS newer`;
      const { rows } = await client.query<{ count: number }>(text, values.list);
      return rows[0]?.count ?? 0;
    },
    waitMs,
    signal,
  );
  return {
    count: Math.min(
      newerMax,
      answers.reduce((sum, { value }) => sum + value, 0),
    ),
    silent: silent.map(({ name }) => name),
  };
}
