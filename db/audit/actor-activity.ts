import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { askAll } from "../fleet.ts";
import { type Page, toPage } from "../page.ts";
import { limits } from "../transaction.ts";
import { type Answer, named, userNames } from "./actor-names.ts";
import { actorWays, hasImpersonatorIndex } from "./actor-ways.ts";
import { type Position, readPosition } from "./conditions.ts";
import type { AuditEntry, EntryActor, Silent } from "./contract.ts";
import { entryColumns } from "./entry-row.ts";
import { newestEntries } from "./newest-entries.ts";
import { type AuditedDatabase, auditedFor } from "./scope.ts";
import { keyOf, newestFirst, positionIn } from "./search.ts";
import { ownWords } from "./sentence.ts";
import { type ListedStory, toldPage } from "./story-list.ts";

/** Entries looked at in each database, newest first, for what is said about all of them. */
const latelyMax = 2_000;
/** Entries told on a page. */
const pageSize = 300;

/** What one actor did, as themselves and in other people's names, and what others did in theirs. */
export interface ActorActivity extends Page<ListedStory> {
  /** How the actor is called; null where the log knows nothing of them. */
  name: string | null;
  /** About the newest entries; null on later pages, and where there are none. */
  lately: Lately | null;
  /** Databases that can not say yet what was done in other people's names: an index is missing until their plan is applied. */
  unindexed: string[];
  silent: Silent[];
}

export interface Lately {
  newest: AuditEntry;
  oldest: AuditEntry;
  entries: number;
  /** Whether there are older entries than were looked at. */
  more: boolean;
  days: { day: string; entries: number }[];
  /** From where the actor really acted, the most used first. */
  addresses: { ip: string; entries: number; last: string }[];
  /** In whose names the actor acted … */
  names: Other[];
  /** … and who acted in the actor's. */
  others: Other[];
}

export interface Other {
  id: string;
  name: string | null;
  entries: number;
}

type Found = Answer & { indexed: boolean };

/** What an actor had a part in, newest first, told by request; over every database that knows the id. */
export async function actorActivity(
  actor: Actor,
  id: string,
  cursor: string | null = null,
  signal?: AbortSignal,
): Promise<ActorActivity> {
  authorise(actor, "audit.read");
  const last = cursor === null ? null : readPosition(cursor);
  const limit = last === null ? latelyMax : pageSize + 1;
  const audited = new Map((await auditedFor({})).map((database) => [database.id, database]));
  const ask = async (client: pg.PoolClient, databaseId: string) => {
    const database = audited.get(databaseId);
    return database ? activityIn(client, database, id, positionIn(databaseId, last), limit) : null;
  };
  const { answers, silent } = await askAll([...audited.keys()], ask, limits.page.statement, signal);
  const found = answers.flatMap(({ value }) => value ?? []);
  const entries = (await named(found)).sort(newestFirst);
  return {
    ...(await toldPage(toPage(entries, pageSize, keyOf))),
    name: nameIn(entries, id),
    lately:
      last === null
        ? latelyOf(
            entries,
            id,
            found.some(({ rows }) => rows.length === limit),
          )
        : null,
    unindexed: found.filter(({ indexed }) => !indexed).map(({ database }) => database.name),
    silent,
  };
}

async function activityIn(
  client: pg.PoolClient,
  database: AuditedDatabase,
  id: string,
  position: Position | null,
  limit: number,
): Promise<Found> {
  const indexed = await hasImpersonatorIndex(client);
  const question = { terms: [], ways: actorWays(id, indexed), position, limit };
  const rows = await newestEntries<Found["rows"][number]>(client, entryColumns, question);
  return { database, rows, users: await userNames(client, database.usersTable, rows), indexed };
}

function nameIn(entries: readonly AuditEntry[], id: string): string | null {
  const own = entries.find(({ actor }) => actor.id === id)?.actor;
  if (own) return ownWords(own);
  const real = entries.find(({ actor }) => actor.impersonator?.id === id)?.actor.impersonator;
  return real ? (real.name ?? `Actor ${id}`) : null;
}

function latelyOf(entries: readonly AuditEntry[], id: string, more: boolean): Lately | null {
  const [newest, oldest] = [entries[0], entries.at(-1)];
  if (!newest || !oldest) return null;
  const days = Map.groupBy(entries, ({ at }) => at.slice(0, 10));
  return {
    ...{ newest, oldest, entries: entries.length, more },
    days: [...days].map(([day, of]) => ({ day, entries: of.length })),
    addresses: addressesOf(entries.filter(({ actor }) => (actor.impersonator?.id ?? actor.id) === id)),
    names: othersIn(entries, ({ impersonator, ...owner }) => (impersonator?.id === id ? owner : null), id),
    others: othersIn(entries, ({ impersonator, ...owner }) => (owner.id === id ? impersonator : null), id),
  };
}

function addressesOf(entries: readonly AuditEntry[]): Lately["addresses"] {
  const known = entries.filter(({ ip }) => ip !== null);
  return [...Map.groupBy(known, ({ ip }) => ip ?? "")]
    .map(([ip, of]) => ({ ip, entries: of.length, last: of[0]?.at ?? "" }))
    .sort((a, b) => b.entries - a.entries);
}

/** Whom `other` finds in the entries beside the actor, the most frequent first. */
function othersIn(
  entries: readonly AuditEntry[],
  other: (actor: EntryActor) => { id: string | null; name: string | null } | null | undefined,
  id: string,
): Other[] {
  const found = new Map<string, Other>();
  for (const { actor } of entries) {
    const { id: otherId = null, name = null } = other(actor) ?? {};
    if (otherId === null || otherId === id) continue;
    found.set(otherId, { id: otherId, name, entries: (found.get(otherId)?.entries ?? 0) + 1 });
  }
  return [...found.values()].sort((a, b) => b.entries - a.entries);
}
