import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { named, userNames } from "../../audit/actor-names.ts";
import type { AuditEntry } from "../../audit/contract.ts";
import type { EntryRow } from "../../audit/entry-row.ts";
import { type Audited, auditedFor } from "../../audit/scope.ts";
import { askAll, consoleDatabase } from "../../fleet.ts";
import { hiddenTables } from "../../managed/hidden-tables.ts";
import { type ManagedTable, managedTablesOf } from "../../managed-tables.ts";
import { toPage } from "../../page.ts";
import { limits } from "../../transaction.ts";
import type { DeletedFilter, DeletedPage, DeletedRow } from "../contract.ts";
import { keptDays } from "../retention/kept-days.ts";
import { deletedTogether, markingEntries, rowAddress } from "./rows-entries.ts";
import { type HardRow, hardDeleted } from "./rows-hard.ts";
import { withoutMoved } from "./rows-moved.ts";
import { comparePlaces, logSource, noTime, type Place, readPlace } from "./rows-place.ts";
import { type SoftRow, softDeleted } from "./rows-soft.ts";
import { fromHard, fromSoft } from "./rows-words.ts";
import { type SoftTable, softTables } from "./soft-tables.ts";

const deletedPageSize = 50;

interface Found {
  database: Audited;
  managed: ManagedTable[];
  hard: HardRow[];
  soft: SoftRow[];
  marks: Map<string, EntryRow>;
  together: Map<string, number>;
  users: Map<string, string>;
  /** A sentence for each table of which rows may be missing. */
  gaps: string[];
}

/**
 * Rows that were deleted and are not live again, over all adopted databases: hard-deleted ones from the audit log, soft-deleted
 * ones from their tables. Databases and tables that did not answer are named in `silent`.
 */
export async function listDeleted(
  actor: Actor,
  filter: DeletedFilter,
  cursor: string | null = null,
  limit = deletedPageSize,
): Promise<DeletedPage> {
  authorise(actor, "records.read");
  const place = cursor === null ? null : readPlace(cursor);
  const audited = (await auditedFor(filter)).filter(({ id }) => id !== consoleDatabase);
  const asked = new Map<string, { database: Audited; managed: ManagedTable[] }>();
  for (const database of audited) asked.set(database.id, { database, managed: await managedTablesOf(database.id) });

  const ask = async (client: pg.PoolClient, id: string): Promise<Found | null> => {
    const one = asked.get(id);
    return one ? findDeleted(client, one.database, one.managed, filter, place, limit + 1) : null;
  };
  const { answers, silent } = await askAll([...asked.keys()], ask, limits.page.statement);
  const found = answers.flatMap(({ value }) => value ?? []);
  const rows = (await Promise.all(found.map(toRows))).flat().sort((a, b) => comparePlaces(a.place, b.place));
  const page = toPage(rows, limit, ({ place: { at, source, tie } }) => [at, source, tie]);
  const missing = found.flatMap(({ database, gaps }) =>
    gaps.map((reason) => ({ databaseId: database.id, name: database.name, reason })),
  );
  const shown = await withoutMoved(
    page.rows.map(({ row }) => row),
    new Map([...asked].map(([id, one]) => [id, one.managed])),
  );
  return { rows: shown.rows, next: page.next, silent: [...silent, ...missing, ...shown.silent] };
}

async function findDeleted(
  client: pg.PoolClient,
  database: Audited,
  managed: ManagedTable[],
  filter: DeletedFilter,
  place: Place | null,
  limit: number,
): Promise<Found> {
  const { tables, drifted } = await softTables(
    client,
    managed.filter((table) => matches(table, filter)),
  );
  const wantsSoft = filter.kind !== "hard" && filter.actor === undefined && filter.transaction === undefined;
  const read: SoftRow[] = [];
  for (const table of wantsSoft ? tables : []) {
    read.push(
      ...(await softDeleted(client, table, softSource(database, table), filter, database.tenantKeys, place, limit)),
    );
  }
  const hidden = wantsSoft ? await hiddenTables(client, tables) : [];
  const soft = read.sort((a, b) => comparePlaces(softPlace(database, a), softPlace(database, b))).slice(0, limit);
  const hard =
    filter.kind === "soft"
      ? []
      : await hardDeleted(client, hardSource(database), filter, database.tenantKeys, place, limit);
  const marks = await markingEntries(client, soft);
  const transactions = [...hard, ...marks.values()].map(({ transaction }) => transaction);
  const together = await deletedTogether(
    client,
    transactions,
    managed.flatMap(({ softDelete }) => softDelete?.column ?? []),
  );
  const users = await userNames(client, database.usersTable, [...hard, ...marks.values()]);
  const unseen = hidden.map((name) => `row security of ${name} may hide rows from the console's role`);
  return { database, managed, hard, soft, marks, together, users, gaps: [...(wantsSoft ? drifted : []), ...unseen] };
}

interface Placed {
  row: DeletedRow;
  place: Place;
}

async function toRows({ database, hard, soft, marks, together, users }: Found): Promise<Placed[]> {
  const deletions = await named([{ database, rows: hard, users }]);
  const markings = new Map<string, AuditEntry>();
  for (const entry of await named([{ database, rows: [...marks.values()], users }]))
    markings.set(rowAddress(entry), entry);
  const kept = await keptDays(database.id);
  return [
    ...deletions.map((entry, at): Placed => {
      const { label = null, masked = false } = hard[at] ?? {};
      const row = fromHard(entry, { label, masked }, together.get(entry.transaction) ?? 1);
      return { row, place: { at: entry.at, source: hardSource(database), tie: entry.id } };
    }),
    ...soft.map((found): Placed => {
      const mark = markings.get(rowAddress(found)) ?? null;
      const row = fromSoft(database, found, mark, kept(found), together.get(mark?.transaction ?? "") ?? 1);
      return { row, place: softPlace(database, found) };
    }),
  ];
}

function matches(table: ManagedTable, filter: DeletedFilter): boolean {
  return (
    (filter.schema === undefined || table.schema === filter.schema) &&
    (filter.table === undefined || table.name === filter.table)
  );
}

function hardSource({ id }: Pick<Audited, "id">): string {
  return `${id}${logSource}`;
}

function softSource({ id }: Pick<Audited, "id">, { schema, name }: Pick<SoftTable, "schema" | "name">): string {
  return `${id} table ${JSON.stringify([schema, name])}`;
}

function softPlace(database: Audited, { schema, table, record, at }: SoftRow): Place {
  return { at: at ?? noTime, source: softSource(database, { schema, name: table }), tie: record };
}
