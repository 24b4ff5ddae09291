import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { withDatabase } from "../fleet.ts";
import { toPage } from "../page.ts";
import { named, userNames } from "./actor-names.ts";
import { coldHistory } from "./cold/history.ts";
import { withArchived } from "./cold/log.ts";
import { type Position, readPosition } from "./conditions.ts";
import type { HistoryEntry, RecordHistory, Silent } from "./contract.ts";
import { orWithout } from "./courtesy.ts";
import { type EntryRow, entryColumns } from "./entry-row.ts";
import { mergedNewest } from "./newest.ts";
import { newestEntries } from "./newest-entries.ts";
import { termsOf } from "./query/named.ts";
import { readableDatabase } from "./scope.ts";

const pageSize = 50;

export interface HistoryRow extends EntryRow {
  before: string | null;
  after: string | null;
}

export interface RecordAddress {
  database: string;
  schema: string;
  table: string;
  /** The primary key's canonical text. */
  record: string;
}

/**
 * What happened to one record, newest first, each entry with the fields that it changed: in the log, and in those archived months
 * ("2026-01") that are named.
 *
 * @throws Refusal `unreachable` when the database does not answer and no archived month was read.
 */
export async function recordHistory(
  actor: Actor,
  { database: databaseId, ...record }: RecordAddress,
  cursor: string | null = null,
  months: readonly string[] = [],
  signal?: AbortSignal,
): Promise<RecordHistory> {
  authorise(actor, "audit.read");
  const database = await readableDatabase(databaseId);
  const position: Position | null = cursor === null ? null : { ...readPosition(cursor), shown: true };
  const silent: Silent[] = [];
  const limit = pageSize + 1;
  const cold = await withArchived(
    databaseId,
    months,
    async ({ log }) => log && coldHistory(log, record, position, limit),
    { missed: silent, signal },
  );
  const read = async (client: pg.PoolClient) => {
    const rows = mergedNewest(cold ?? [], await historyRows(client, record, position, limit));
    return { rows, users: await userNames(client, database.usersTable, rows) };
  };
  const archivedOnly = { rows: cold ?? [], users: new Map<string, string>() };
  const { rows, users } = database.left
    ? archivedOnly
    : cold === null
      ? await withDatabase(databaseId, read, { signal })
      : await orWithout(database, "entries that are not archived", silent, read, archivedOnly, { signal });
  const entries = await named([{ database, rows: rows.map(({ before, after, ...listed }) => listed), users }]);
  const shown = entries.map((entry, at): HistoryEntry => {
    const { before = null, after = null } = rows[at] ?? {};
    return { ...entry, before, after };
  });
  return { ...toPage(shown, pageSize, (entry) => [entry.at, entry.id, entry.database]), silent };
}

const historyColumns = `${entryColumns},
  CASE action WHEN 'update'
       THEN (SELECT jsonb_object_agg(key, old_values -> key) FROM jsonb_object_keys(changes) AS key)
       ELSE old_values END::text AS before,
  CASE action WHEN 'update' THEN changes ELSE new_values END::text AS after`;

/** One database's part of it. */
export async function historyRows(
  client: pg.PoolClient,
  record: Omit<RecordAddress, "database">,
  position: Position | null,
  limit: number,
): Promise<HistoryRow[]> {
  return newestEntries(client, historyColumns, { terms: termsOf(record), position, limit });
}
