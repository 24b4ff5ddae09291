import type pg from "pg";
import { type Actor, authorise } from "../../../actor.ts";
import { withDatabase } from "../../../fleet.ts";
import type { ReportQuery, RestoreReport } from "../contract.ts";
import { undoDays } from "../undoable.ts";
import { restoreRecord } from "./list.ts";
import { readReceipts } from "./receipts.ts";

const pageSize = 100;
const dayMs = 86_400_000;

/** What a restore came to, table by table, and its rows with their proofs. */
export async function readRestore(actor: Actor, { id, after = 0 }: ReportQuery): Promise<RestoreReport> {
  authorise(actor, "records.read");
  const record = await restoreRecord(id);
  const { tables, rows } = await withDatabase(record.database, async (client) => ({
    tables: await readTables(client, id),
    rows: await readReceipts(client, id, after, pageSize + 1),
  }));
  const ended = record.finishedAt === null ? null : Date.parse(record.finishedAt);
  const open = ended !== null && record.what !== "undo" && record.undoneBy === null && (record.written ?? 0) > 0;
  const until = open ? ended + undoDays * dayMs : 0;
  return {
    ...record,
    tables,
    rows: rows.slice(0, pageSize),
    next: rows.length > pageSize ? (rows[pageSize - 1]?.n ?? null) : null,
    undoUntil: until > Date.now() ? new Date(until).toISOString() : null,
  };
}

async function readTables(client: pg.ClientBase, restore: string): Promise<RestoreReport["tables"]> {
  const { rows } = await client.query<RestoreReport["tables"][number]>(
    `SELECT schema_name AS schema, table_name AS name, count(*)::int AS written,
            (count(*) FILTER (WHERE changed = '{}' AND differing = '{}'))::int AS exact,
            (count(*) FILTER (WHERE changed <> '{}' AND differing = '{}'))::int AS chosen,
            (count(*) FILTER (WHERE differing <> '{}'))::int AS differing, count(undone_at)::int AS undone
       FROM caretaker.restored_rows WHERE restore_id = $1 AND done_at IS NOT NULL
      GROUP BY 1, 2 ORDER BY 1, 2`,
    [restore],
  );
  return rows;
}
