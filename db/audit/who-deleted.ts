import { and, eq, isNotNull } from "drizzle-orm";
import type pg from "pg";
import { z } from "zod";
import { type Actor, authorise } from "../actor.ts";
import { control } from "../control.ts";
import { askAll } from "../fleet.ts";
import { managedTables } from "../schema/fleet.ts";
import { limits } from "../transaction.ts";
import { named, userNames } from "./actor-names.ts";
import type { AuditEntry, Silent } from "./contract.ts";
import { type EntryRow, entryColumns, entryRows } from "./entry-row.ts";
import { type Audited, auditedFor } from "./scope.ts";
import { newestFirst } from "./search.ts";
import { type Return, returnsOf } from "./who-deleted-after.ts";
import { type Asked, type DeletionRow, findDeletions, type Matched } from "./who-deleted-find.ts";

const deletionsMax = 20;

export const whoQuestion = z.object({
  /** An id, an e-mail, a slug, a name or a number; of a row or a user, also long gone. */
  text: z.string().trim().min(1).max(400),
  database: z.union([z.uuid(), z.literal("console")]).optional(),
  tenant: z.string().trim().min(1).max(400).optional(),
});
export type WhoQuestion = z.infer<typeof whoQuestion>;

/** One deletion of what was asked for. */
export interface Deletion extends AuditEntry {
  /** removed: the row is gone. marked: it stands in its table, marked as deleted. */
  how: "removed" | "marked";
  label: string | null;
  matched: Matched;
  /** The column whose value was asked for. */
  field: string | null;
  /** How it came back afterwards; null while it is gone. */
  back: Return | null;
}

export interface WhoDeleted {
  asked: string;
  /** Newest first, at most 20. */
  deletions: Deletion[];
  more: boolean;
  /** Where nothing was deleted: the newest entry of the record that has this key, which lives as far as the log knows. */
  alive: AuditEntry | null;
  silent: Silent[];
}

interface Answer {
  database: Audited;
  found: DeletionRow[];
  alive: EntryRow[];
  returns: ReadonlyMap<string, Return>;
  users: ReadonlyMap<string, string>;
}

/** Who deleted this? Asks every database that can know, also about rows and users that are long gone. */
export async function whoDeleted(actor: Actor, question: WhoQuestion): Promise<WhoDeleted> {
  authorise(actor, "audit.read");
  const audited = new Map((await auditedFor(question)).map((database) => [database.id, database]));
  const soft = await softColumns();
  const ask = async (client: pg.PoolClient, id: string): Promise<Answer | null> => {
    const database = audited.get(id);
    if (!database) return null;
    return answerOf(client, database, {
      text: question.text,
      tenantKeys: database.tenantKeys,
      softColumns: soft.get(id) ?? [],
    });
  };
  const { answers, silent } = await askAll([...audited.keys()], ask, limits.page.statement);
  const found = answers.flatMap(({ value }) => value ?? []);
  const deletions = (await Promise.all(found.map(toDeletions))).flat().sort(newestFirst);
  const alive = deletions.length > 0 ? [] : await named(found.map((answer) => ({ ...answer, rows: answer.alive })));
  return {
    asked: question.text,
    deletions: deletions.slice(0, deletionsMax),
    more: deletions.length > deletionsMax,
    alive: alive.sort(newestFirst)[0] ?? null,
    silent,
  };
}

async function answerOf(client: pg.PoolClient, database: Audited, asked: Asked): Promise<Answer> {
  const found = await findDeletions(client, asked, deletionsMax + 1);
  const alive = found.length > 0 ? [] : await newestOf(client, asked);
  const returns = await returnsOf(client, asked, found);
  const users = await userNames(client, database.usersTable, [...found, ...alive]);
  return { database, found, alive, returns, users };
}

/** The newest entry of a record with this key. */
function newestOf(client: pg.PoolClient, { text, tenantKeys }: Asked): Promise<EntryRow[]> {
  return entryRows(
    client,
    `SELECT ${entryColumns} FROM caretaker.audit_logs
      WHERE resource_id = $1 AND ($2::text[] IS NULL OR tenant_id = ANY ($2::text[])) AND action IN ('create', 'update')
      ORDER BY audit_logs.created_at DESC, audit_logs.id DESC LIMIT 1`,
    [text, tenantKeys],
  );
}

async function toDeletions({ database, found, returns, users }: Answer): Promise<Deletion[]> {
  const entries = await named([{ database, rows: found.map(listed), users }]);
  return entries.flatMap((entry, at) => {
    const row = found[at];
    if (!row) return [];
    const { label, field, matched } = row;
    const how = entry.action === "delete" ? ("removed" as const) : ("marked" as const);
    return [{ ...entry, how, label, field, matched, back: returns.get(entry.id) ?? null }];
  });
}

function listed({ label: _l, field: _f, newKey: _k, deletes: _d, matched: _m, ...row }: DeletionRow): EntryRow {
  return row;
}

/** The columns by which each database's tables mark rows as deleted. */
async function softColumns(): Promise<Map<string, string[]>> {
  const rows = await control()
    .select({ databaseId: managedTables.databaseId, softDelete: managedTables.softDelete })
    .from(managedTables)
    .where(and(eq(managedTables.audited, true), isNotNull(managedTables.softDelete)));
  const byDatabase = Map.groupBy(rows, ({ databaseId }) => databaseId);
  return new Map([...byDatabase].map(([id, of]) => [id, of.flatMap(({ softDelete }) => softDelete?.column ?? [])]));
}
