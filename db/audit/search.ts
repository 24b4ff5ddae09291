import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { Refusal } from "../errors.ts";
import { askAll } from "../fleet.ts";
import { toPage } from "../page.ts";
import { limits } from "../transaction.ts";
import { type Answer, named, userNames } from "./actor-names.ts";
import { type Position, readPosition } from "./conditions.ts";
import type { AuditEntry, AuditFilter, AuditPage } from "./contract.ts";
import { type EntryRow, entryColumns } from "./entry-row.ts";
import { guardOf } from "./guard.ts";
import { newestEntries } from "./newest-entries.ts";
import { askedNow } from "./query/asked.ts";
import { termsIn } from "./query/people.ts";
import type { Term } from "./query/terms.ts";

export const auditPageSize = 50;

/**
 * Entries newest first over every database that can hold an answer, merged by (at, id, database). Databases that did not answer
 * are named in `silent`: the page is then whole for the others only.
 */
export async function searchAudit(
  actor: Actor,
  filter: AuditFilter,
  cursor: string | null = null,
  limit = auditPageSize,
  signal?: AbortSignal,
): Promise<AuditPage> {
  authorise(actor, "audit.read");
  const last = cursor === null ? null : readPosition(cursor);
  const asked = new Map((await askedNow(filter)).map((database) => [database.id, database]));
  const ask = async (client: pg.PoolClient, id: string): Promise<Answer | Refusal> => {
    const database = asked.get(id);
    if (!database) throw new Error(`Nothing was to be asked of ${id}.`);
    try {
      const terms = await termsIn(client, database);
      const rows = await searchOne(client, terms, positionIn(id, last), limit + 1, database.name);
      return { database, rows, users: await userNames(client, database.usersTable, rows) };
    } catch (error) {
      return broad(error);
    }
  };
  const { answers, silent } = await askAll([...asked.keys()], ask, limits.page.statement, signal);
  const answered: Answer[] = [];
  for (const { value } of answers) {
    if (value instanceof Refusal) throw value;
    answered.push(value);
  }
  const entries = await named(answered);
  return { ...toPage(entries.sort(newestFirst), limit, keyOf), silent };
}

/** A question that is too broad for one database is too broad, and no database that is silent. */
function broad(error: unknown): Refusal {
  if (error instanceof Refusal && error.code === "too_broad") return error;
  throw error;
}

/** One database's part of a page. The terms stand as they do in this database: see termsIn. */
export async function searchOne(
  client: pg.PoolClient,
  terms: readonly Term[],
  position: Position | null,
  limit: number,
  name = "this database",
): Promise<EntryRow[]> {
  return newestEntries(client, entryColumns, { terms, position, limit }, guardOf(client, name, terms));
}

/** Where a database goes on after the last entry shown: of equal keys the greater database comes first. */
export function positionIn(databaseId: string, last: ReturnType<typeof readPosition> | null): Position | null {
  return last && { at: last.at, id: last.id, shown: databaseId >= last.database };
}

export function keyOf(entry: AuditEntry): readonly string[] {
  return [entry.at, entry.id, entry.database];
}

/** Times are UTC text of one width and ids have one sign, so text order is their order once lengths agree. */
export function newestFirst(a: AuditEntry, b: AuditEntry): number {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1;
  if (a.id !== b.id) return BigInt(a.id) < BigInt(b.id) ? 1 : -1;
  return a.database < b.database ? 1 : -1;
}
