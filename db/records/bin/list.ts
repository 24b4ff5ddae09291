import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { named, userNames } from "../../audit/actor-names.ts";
import { readPosition } from "../../audit/conditions.ts";
import type { AuditEntry, AuditFilter } from "../../audit/contract.ts";
import type { EntryRow } from "../../audit/entry-row.ts";
import { type Asked, askedBy } from "../../audit/query/asked.ts";
import { termsIn } from "../../audit/query/people.ts";
import { newestFirst, positionIn } from "../../audit/search.ts";
import { tenantNames } from "../../audit/story-tenants.ts";
import { askAll, consoleDatabase, type Silent } from "../../fleet.ts";
import { type ManagedTable, managedTablesOf } from "../../managed-tables.ts";
import { toPage } from "../../page.ts";
import { limits } from "../../transaction.ts";
import { type KeptDays, keptDays } from "../retention/kept-days.ts";
import type { DeletionPage } from "./contract.ts";
import { type Extent, extentsOf } from "./extent.ts";
import { type Followed, followMoved } from "./followed.ts";
import { deletionHeads } from "./heads.ts";
import { marksOf } from "./marks.ts";
import { tellDeletion } from "./words.ts";

const pageSize = 50;

/** A list need not say how big a big deletion is. */
const most = { counted: 1_000, looked: 50 };

interface Found {
  database: Asked;
  managed: ManagedTable[];
  heads: EntryRow[];
  extents: Map<string, Extent>;
  users: ReadonlyMap<string, string>;
}

/**
 * Deletions, newest first, over every adopted database that can hold an answer: one for each transaction that removed rows, or
 * marked rows as deleted, of which an entry matches the filter. Databases that did not answer are named in `silent`.
 */
export async function listDeletions(
  actor: Actor,
  filter: AuditFilter,
  cursor: string | null = null,
  limit = pageSize,
  signal?: AbortSignal,
): Promise<DeletionPage> {
  authorise(actor, "records.read");
  const last = cursor === null ? null : readPosition(cursor);
  const asked = (await askedBy(filter)).filter(({ id }) => id !== consoleDatabase);
  const managed = new Map<string, ManagedTable[]>();
  const kept = new Map<string, KeptDays>();
  for (const { id } of asked) {
    managed.set(id, await managedTablesOf(id));
    kept.set(id, await keptDays(id));
  }

  const ask = async (client: pg.PoolClient, id: string): Promise<Found | null> => {
    const database = asked.find((one) => one.id === id);
    if (!database) return null;
    const tables = managed.get(id) ?? [];
    const marks = marksOf(tables);
    const terms = await termsIn(client, database);
    const heads = await deletionHeads(client, { terms, marks, position: positionIn(id, last), limit: limit + 1 });
    const extents = await extentsOf(client, heads.slice(0, limit), marks, most);
    const users = await userNames(client, database.usersTable, heads);
    return { database, managed: tables, heads, extents, users };
  };
  const { answers, silent } = await askAll([...managed.keys()], ask, limits.page.statement, signal);
  const found = answers.flatMap(({ value }) => value ?? []);
  const entries = await named(found.map(({ heads: rows, ...of }) => ({ ...of, rows })));
  const page = toPage(entries.sort(newestFirst), limit, ({ at, id, database }) => [at, id, database]);
  const of = new Map(found.map((one) => [one.database.id, one]));
  const tenants = await tenantNames(
    found.flatMap(({ extents }) =>
      [...extents.values()].flatMap(({ tables }) => tables.flatMap((one) => one.tenant ?? [])),
    ),
    [...managed.keys()],
  );
  const { followed, silent: unsure } = await followAll(page.rows, of);
  const rows = page.rows.flatMap((entry) => {
    const extent = of.get(entry.database)?.extents.get(entry.transaction);
    const keptHere = kept.get(entry.database);
    const where = followed.get(entry.database)?.get(entry.transaction);
    return extent && keptHere ? [tellDeletion(entry, extent, keptHere, tenants, where)] : [];
  });
  return { rows, next: page.next, silent: [...silent, ...unsure] };
}

/** Follows the deletions of a page to where their tenants live now, by database and transaction. */
async function followAll(
  entries: readonly AuditEntry[],
  found: ReadonlyMap<string, Found>,
): Promise<{ followed: Map<string, ReadonlyMap<string, Followed>>; silent: Silent[] }> {
  const followed = new Map<string, ReadonlyMap<string, Followed>>();
  const silent: Silent[] = [];
  for (const [id, own] of Map.groupBy(entries, ({ database }) => database)) {
    const { managed = [], extents } = found.get(id) ?? {};
    const heads = own.flatMap(({ transaction, at }) => {
      const extent = extents?.get(transaction);
      return extent ? [{ transaction, at, extent }] : [];
    });
    const answer = await followMoved(id, managed, heads);
    followed.set(id, answer.followed);
    silent.push(...answer.silent);
  }
  return { followed, silent };
}
