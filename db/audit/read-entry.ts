import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { Refusal } from "../errors.ts";
import { withDatabase } from "../fleet.ts";
import { named, userNames } from "./actor-names.ts";
import { readColdEntry } from "./cold/read-entry.ts";
import type { AuditEntryDetail } from "./contract.ts";
import { byEntryId, isEntryId } from "./entry-id.ts";
import { type EntryRow, entryColumns, entryRows } from "./entry-row.ts";
import { auditedDatabase } from "./scope.ts";

const siblingsMax = 200;

interface DetailRow extends EntryRow {
  before: string | null;
  after: string | null;
  metadataText: string;
}

/**
 * One entry by its id, with everything else that its transaction did; from an archived month when it is not in the log, or when the
 * database does not answer.
 */
export async function readEntry(
  actor: Actor,
  databaseId: string,
  id: string,
  signal?: AbortSignal,
): Promise<AuditEntryDetail> {
  authorise(actor, "audit.read");
  try {
    return await readHotEntry(databaseId, id, signal);
  } catch (error) {
    if (!(error instanceof Refusal && ["not_found", "unreachable"].includes(error.code))) throw error;
    const archived = await readColdEntry(actor, databaseId, id, signal);
    if (archived) return archived;
    throw error;
  }
}

/** The id says in which partition the entry is. */
async function readHotEntry(
  databaseId: string,
  id: string,
  signal: AbortSignal | undefined,
): Promise<AuditEntryDetail> {
  const database = await auditedDatabase(databaseId);
  const read = async (client: pg.PoolClient) => {
    const row = await entryById(client, id);
    const siblings = await transactionRows(client, row);
    return { row, rows: siblings, users: await userNames(client, database.usersTable, [row, ...siblings]) };
  };
  const { row, rows, users } = await withDatabase(databaseId, read, { signal });
  const { before, after, metadataText, ...listed } = row;
  const [entry, ...siblings] = await named([{ database, rows: [listed, ...rows.slice(0, siblingsMax)], users }]);
  if (!entry) throw noEntry(id);
  return {
    ...entry,
    before,
    after,
    metadata: metadataText,
    siblings,
    siblingsMore: rows.length > siblingsMax,
    silent: [],
  };
}

async function entryById(client: pg.PoolClient, id: string): Promise<DetailRow> {
  if (!isEntryId(id)) throw noEntry(id);
  const { rows } = await client.query<DetailRow>(
    `SELECT ${entryColumns},
            old_values::text AS before,
            CASE action WHEN 'update' THEN (old_values || changes)::text ELSE new_values::text END AS after,
            coalesce(metadata, '{}')::text AS "metadataText"
       FROM caretaker.audit_logs WHERE ${byEntryId("$1")}`,
    [id],
  );
  const [row] = rows;
  if (!row) throw noEntry(id);
  return row;
}

/** Oldest first. A transaction's entries lie within a day of each other: nothing here lets one run longer. */
function transactionRows(client: pg.PoolClient, row: EntryRow): Promise<EntryRow[]> {
  return entryRows(
    client,
    `SELECT ${entryColumns} FROM caretaker.audit_logs
      WHERE transaction_id = $1::xid8
        AND created_at BETWEEN $2::timestamptz - interval '1 day' AND $2::timestamptz + interval '1 day'
      ORDER BY audit_logs.created_at, audit_logs.id LIMIT $3`,
    [row.transaction, row.at, siblingsMax + 1],
  );
}

function noEntry(id: string): Refusal {
  return new Refusal("not_found", `The audit log has no entry ${id.slice(0, 40)}.`, {
    fix: "Check the link; entries past their retention are gone.",
  });
}
