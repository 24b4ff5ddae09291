import type pg from "pg";
import { recordEvent } from "../../../audit/record-event.ts";
import { inDatabase, withDatabase } from "../../../fleet.ts";
import type { RunningJob } from "../../../jobs/kind.ts";
import { limits } from "../../../transaction.ts";
import { applyOperation, ordered, secretsOf } from "../apply.ts";
import { requireFree } from "../find/held.ts";
import type { Operation } from "../plan/operations.ts";
import { asRefused } from "./refused.ts";

interface RowsOrder {
  databaseId: string;
  /** The erasure, and what applies it: the run itself, or a replay. */
  erasure: string;
  by: string;
  operations: readonly Operation[];
  words: readonly string[];
  reason: string | null;
  basis: string;
}

/**
 * Changes and removes rows in one transaction, which writes its own entry into the log: when that is there, it was done, whatever
 * became of the answer.
 *
 * @throws Refusal `stale_plan` when rows are gone, or when a rule, a trigger or row security refuses it. Nothing is done then.
 */
export async function applyRows(job: RunningJob, order: RowsOrder): Promise<{ rows: number }> {
  // Rules may also be checked at the end.
  const at = { table: "a table" };
  try {
    return await changeRows(job, order, at);
  } catch (error) {
    throw asRefused(error, at.table);
  }
}

function changeRows(job: RunningJob, order: RowsOrder, at: { table: string }): Promise<{ rows: number }> {
  const { databaseId, erasure, by, operations, words, reason, basis } = order;
  const atEnd = at.table;
  return inDatabase(
    job.actor,
    databaseId,
    async (client) => {
      const before = await doneBefore(client, erasure, by);
      if (before !== null) return { rows: before };
      await requireFree(client, databaseId, operations);
      const secrets = secretsOf(words);
      let rows = 0;
      for (const operation of ordered(operations)) {
        job.signal.throwIfAborted();
        at.table = `${operation.schema}.${operation.name}`;
        rows += await applyOperation(client, operation, secrets);
      }
      at.table = atEnd;
      const tables = Map.groupBy(operations, ({ act, schema, name }) => `${act} ${schema}.${name}`);
      await recordEvent(client, {
        action: "erase",
        resourceType: "erasures",
        resourceId: erasure,
        metadata: {
          ...{ by, basis, rows },
          tables: Object.fromEntries(
            [...tables].map(([name, parts]) => [name, parts.reduce((sum, { records }) => sum + records.length, 0)]),
          ),
        },
      });
      return { rows };
    },
    { reason, limits: limits.long },
  );
}

/** Whether the rows were changed already, in an attempt that was cut off after it. */
export async function wereApplied(databaseId: string, erasure: string, by: string): Promise<boolean> {
  return (await withDatabase(databaseId, (client) => readEntry(client, erasure, by))) !== null;
}

/** How many rows it was, when it was done; the lock makes a second attempt wait for the first. */
async function doneBefore(client: pg.ClientBase, erasure: string, by: string): Promise<number | null> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext('caretaker.erasure'), hashtext($1))", [erasure]);
  return readEntry(client, erasure, by);
}

async function readEntry(client: pg.ClientBase, erasure: string, by: string): Promise<number | null> {
  const { rows } = await client.query<{ rows: number }>(
    `SELECT (metadata ->> 'rows')::int AS rows FROM caretaker.audit_logs
      WHERE action = 'erase' AND resource_type = 'erasures' AND resource_id = $1 AND metadata ->> 'by' = $2`,
    [erasure, by],
  );
  return rows[0]?.rows ?? null;
}
