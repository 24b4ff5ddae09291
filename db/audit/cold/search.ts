import { type Actor, authorise } from "../../actor.ts";
import { Refusal } from "../../errors.ts";
import { toPage } from "../../page.ts";
import { type Answer, named } from "../actor-names.ts";
import { type Position, readPosition } from "../conditions.ts";
import type { AuditFilter } from "../contract.ts";
import type { EntryRow } from "../entry-row.ts";
import type { Term } from "../query/terms.ts";
import { newestFirst } from "../search.ts";
import { askFile } from "./ask-file.ts";
import type { ColdPage, ColdScope } from "./contract.ts";
import { withDuck } from "./duck.ts";
import { coldFile } from "./file.ts";
import { type ColdMonth, coldMonths, coldTermsOf, coldUsers } from "./months.ts";

const coldPageSize = 50;

/** How much there is to search for a filter, without searching. */
export async function coldScope(actor: Actor, filter: AuditFilter): Promise<ColdScope> {
  authorise(actor, "audit.read");
  const months = await coldMonths(filter);
  const sum = (of: (month: ColdMonth) => bigint) => months.reduce((total, month) => total + of(month), 0n).toString();
  return {
    files: months.length,
    from: months.at(-1)?.archive.month ?? null,
    to: months[0]?.archive.month ?? null,
    entries: sum(({ archive }) => archive.rows),
    bytes: sum(({ archive }) => archive.bytes),
  };
}

interface ColdOptions {
  cursor: string | null;
  limit?: number;
  signal: AbortSignal;
  onProgress(done: number, total: number, month: string): void;
}

/**
 * A page of archived entries, newest first, from the newest months that hold them: the months of one name are searched together
 * and older ones only when the page is not full.
 */
export async function searchCold(actor: Actor, filter: AuditFilter, options: ColdOptions): Promise<ColdPage> {
  authorise(actor, "audit.read");
  const { cursor, limit = coldPageSize, signal, onProgress } = options;
  const last = cursor === null ? null : readPosition(cursor);
  const silent: ColdPage["silent"] = [];
  const months = (await coldMonths(filter, silent)).filter(
    ({ archive }) => last === null || archive.month <= last.at.slice(0, 7),
  );
  const terms = await coldTermsOf(months, silent);
  const found: { month: ColdMonth; rows: EntryRow[] }[] = [];
  let reached: string | null = null;
  let done = 0;
  for (const [index, month] of months.entries()) {
    const { archive, database } = month;
    signal.throwIfAborted();
    if (archive.month !== reached && count(found) > limit) break;
    reached = archive.month;
    onProgress(done, months.length, archive.month);
    const position = last && { at: last.at, id: last.id, shown: database.id >= last.database };
    try {
      const rows = await askMonth(month, terms.get(database.id) ?? database.terms, position, limit + 1, signal);
      found.push({ month, rows });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      silent.push({ databaseId: database.id, name: `${database.name} ${archive.month}`, reason: error.message });
    }
    done = index + 1;
  }
  onProgress(done, months.length, reached ?? "");
  const entries = await named(await answers(found, silent));
  const page = toPage(entries.sort(newestFirst), limit, ({ at, id, database }) => [at, id, database]);
  return { ...page, silent, reached };
}

async function askMonth(
  { archive }: ColdMonth,
  terms: readonly Term[],
  position: Position | null,
  limit: number,
  signal: AbortSignal,
): Promise<EntryRow[]> {
  const file = await coldFile(archive, signal);
  return withDuck({ memory: "512MB", threads: 2, signal }, (duck) => askFile(duck, file, terms, position, limit));
}

/** One answer a database, so that its users are looked up once. */
async function answers(
  found: readonly { month: ColdMonth; rows: EntryRow[] }[],
  silent: ColdPage["silent"],
): Promise<Answer[]> {
  const filled = found.filter(({ rows }) => rows.length > 0);
  const byDatabase = Map.groupBy(filled, ({ month: { database } }) => database.id);
  return Promise.all(
    [...byDatabase.values()].flatMap(async (of) => {
      const [first] = of;
      const rows = of.flatMap((one) => one.rows);
      return first ? [{ ...first.month, rows, users: await coldUsers(first.month.database, rows, silent) }] : [];
    }),
  ).then((all) => all.flat());
}

function count(found: readonly { rows: EntryRow[] }[]): number {
  return found.reduce((total, { rows }) => total + rows.length, 0);
}
