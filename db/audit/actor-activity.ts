import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { askAll } from "../fleet.ts";
import { limits } from "../transaction.ts";
import { type Answer, named, userNames } from "./actor-names.ts";
import type { AuditEntry, Silent } from "./contract.ts";
import { entryColumns, entryRows } from "./entry-row.ts";
import { type AuditedDatabase, auditedFor } from "./scope.ts";
import { newestFirst } from "./search.ts";
import { type ListedStory, storiesOf } from "./story-list.ts";

/** Entries looked at in each database, newest first: what follows is about these. */
const activityMax = 2_000;

/** What one actor did lately. */
export interface ActorActivity {
  /** The newest entry; null where the log knows nothing of this actor. */
  newest: AuditEntry | null;
  oldest: AuditEntry | null;
  entries: number;
  /** Whether there are older entries than were looked at. */
  more: boolean;
  days: { day: string; entries: number }[];
  /** From where, the most used first. */
  addresses: { ip: string; entries: number; last: string }[];
  stories: ListedStory[];
  silent: Silent[];
}

const storiesMax = 50;

/** What an actor did, newest first, told by request; over every database that knows the id. */
export async function actorActivity(actor: Actor, id: string, signal?: AbortSignal): Promise<ActorActivity> {
  authorise(actor, "audit.read");
  const audited = new Map((await auditedFor({})).map((database) => [database.id, database]));
  const ask = async (client: pg.PoolClient, databaseId: string) => {
    const database = audited.get(databaseId);
    return database ? activityIn(client, database, id) : null;
  };
  const { answers, silent } = await askAll([...audited.keys()], ask, limits.page.statement, signal);
  const found = answers.flatMap(({ value }) => value ?? []);
  const entries = (await named(found)).sort(newestFirst);
  const days = Map.groupBy(entries, ({ at }) => at.slice(0, 10));
  return {
    newest: entries[0] ?? null,
    oldest: entries.at(-1) ?? null,
    entries: entries.length,
    more: found.some(({ rows }) => rows.length === activityMax),
    days: [...days].map(([day, of]) => ({ day, entries: of.length })),
    addresses: addressesOf(entries),
    stories: await storiesOf(entries, storiesMax),
    silent,
  };
}

async function activityIn(client: pg.PoolClient, database: AuditedDatabase, id: string): Promise<Answer> {
  const rows = await entryRows(
    client,
    `SELECT ${entryColumns} FROM caretaker.audit_logs WHERE user_id = $1
      ORDER BY audit_logs.created_at DESC, audit_logs.id DESC LIMIT ${activityMax}`,
    [id],
  );
  return { database, rows, users: await userNames(client, database.usersTable, rows) };
}

function addressesOf(entries: readonly AuditEntry[]): ActorActivity["addresses"] {
  const known = entries.filter(({ ip }) => ip !== null);
  return [...Map.groupBy(known, ({ ip }) => ip ?? "")]
    .map(([ip, of]) => ({ ip, entries: of.length, last: of[0]?.at ?? "" }))
    .sort((a, b) => b.entries - a.entries);
}
