import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { askAll } from "../fleet.ts";
import { limits } from "../transaction.ts";
import { named, userNames } from "./actor-names.ts";
import type { AuditEntry, Silent } from "./contract.ts";
import { type EntryRow, entryColumns, entryRows } from "./entry-row.ts";
import type { Audited } from "./scope.ts";
import { newestFirst } from "./search.ts";
import { type Return, returnsOf } from "./who-deleted-after.ts";
import {
  type ArchiveAsked,
  archivedDeletions,
  archivesAsked,
  deletionsMax,
  earliest,
  withArchivedAfter,
} from "./who-deleted-archived.ts";
import { withReturnsElsewhere } from "./who-deleted-elsewhere.ts";
import {
  type Asked,
  among,
  type DeletionRow,
  deletionsOfFormer,
  type FoundDeletions,
  findDeletions,
  type Matched,
} from "./who-deleted-find.ts";
import { deletionsInLog } from "./who-deleted-log.ts";
import type { WhoQuestion } from "./who-deleted-question.ts";

/** One deletion of what was asked for. */
export interface Deletion extends AuditEntry {
  /** removed: the row is gone. marked: it stands in its table, marked as deleted. */
  how: "removed" | "marked";
  label: string | null;
  matched: Matched;
  /** The column whose value was asked for. */
  field: string | null;
  /** How it came back afterwards, and in which database, to which its tenant may have moved; null while it is gone. */
  back: (Return & { database: string; databaseName: string }) | null;
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
  /** See FoundDeletions. */
  former: DeletionRow[];
  alive: EntryRow[];
  returns: ReadonlyMap<string, Return>;
  users: ReadonlyMap<string, string>;
}

/**
 * Who deleted this? Asks every database that can know, also about rows and users that are long gone; and of their archived months
 * ("2026-01") those that are named.
 */
export async function whoDeleted(
  actor: Actor,
  question: WhoQuestion,
  months: readonly string[] = [],
  signal?: AbortSignal,
): Promise<WhoDeleted> {
  authorise(actor, "audit.read");
  const missed: Silent[] = [];
  const archives = await archivesAsked(question, months, { missed, signal });
  const archived = await archivedIn([...archives.values()]);
  const ask = async (client: pg.PoolClient, id: string): Promise<Answer | null> => {
    const archive = archives.get(id);
    return archive ? answerOf(client, archive, archived.get(id) ?? none) : null;
  };
  const departed = [...archives.values()].flatMap(({ database: { id, left } }) => (left ? [id] : []));
  const standing = [...archives.keys()].filter((id) => !departed.includes(id));
  const { answers, silent } = await askAll(standing, ask, limits.page.statement, signal);
  const found = answers.flatMap(({ value }) => value ?? []);
  for (const id of [...departed, ...silent.map(({ databaseId }) => databaseId)]) {
    const [archive, part] = [archives.get(id), archived.get(id)];
    if (archive && part) found.push(archivedOnly(archive.database, part));
  }
  const whole = await Promise.all(found.map((answer) => completed(answer, archives.get(answer.database.id))));
  const deletions = (await Promise.all(whole.map(toDeletions))).flat().sort(newestFirst);
  const alive = deletions.length > 0 ? [] : await named(whole.map((answer) => ({ ...answer, rows: answer.alive })));
  const shown = await withReturnsElsewhere(
    deletions.slice(0, deletionsMax),
    (id) => archives.get(id)?.asked.softColumns ?? [],
  );
  return {
    asked: question.text,
    deletions: shown.deletions,
    more: deletions.length > deletionsMax,
    alive: alive.sort(newestFirst)[0] ?? null,
    silent: [...silent, ...missed, ...shown.silent],
  };
}

const none: FoundDeletions = { deletions: [], former: [] };

/** By database, what the archived months that were asked for hold by themselves. */
async function archivedIn(archives: readonly ArchiveAsked[]): Promise<Map<string, FoundDeletions>> {
  const parts = await Promise.all(
    archives.map(async (archive) => [archive.database.id, await archivedDeletions(archive)] as const),
  );
  return new Map(parts.flatMap(([id, part]) => (part === null ? [] : [[id, part]])));
}

async function answerOf(
  client: pg.PoolClient,
  { database, asked, limit }: ArchiveAsked,
  archived: FoundDeletions,
): Promise<Answer> {
  const log = deletionsInLog(client, asked, limit);
  const { deletions, former } = await findDeletions(log, asked.text);
  const later = await deletionsOfFormer(log, archived.former);
  const found = among([...deletions, ...later, ...archived.deletions]);
  const alive = found.length > 0 ? [] : await newestOf(client, asked);
  const returns = await returnsOf(client, asked, found);
  const users = await userNames(client, database.usersTable, [...found, ...alive]);
  return { database, found, former, alive, returns, users };
}

function archivedOnly(database: Audited, { deletions: found, former }: FoundDeletions): Answer {
  return { database, found, former, alive: [], returns: new Map(), users: new Map() };
}

/** The answer with what became of its rows in the archived months that were asked for. */
async function completed(answer: Answer, archive: ArchiveAsked | undefined): Promise<Answer> {
  if (!archive || archive.months.length === 0 || answer.found.length + answer.former.length === 0) return answer;
  const { found, returns } = await withArchivedAfter(archive, answer.found, answer.former);
  return { ...answer, found, returns: earliest(answer.returns, returns) };
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
    const back = returns.get(entry.id);
    const where = { database: database.id, databaseName: database.name };
    return [{ ...entry, how, label, field, matched, back: back ? { ...back, ...where } : null }];
  });
}

function listed({ label: _l, field: _f, newKey: _k, deletes: _d, matched: _m, ...row }: DeletionRow): EntryRow {
  return row;
}
