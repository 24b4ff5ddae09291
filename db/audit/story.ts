import type pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { Refusal } from "../errors.ts";
import { askAll, withDatabase } from "../fleet.ts";
import { limits } from "../transaction.ts";
import { named, userNames } from "./actor-names.ts";
import { monthOf } from "./archive/month.ts";
import { type ColdReading, withArchived } from "./cold/log.ts";
import { coldStory } from "./cold/story.ts";
import type { AuditEntry, Silent } from "./contract.ts";
import { orWithout } from "./courtesy.ts";
import { type AuditedDatabase, everAuditedFor, readableDatabase } from "./scope.ts";
import { newestFirst } from "./search.ts";
import {
  archivedOnly,
  labelIn,
  type StoryKey,
  type StoryPart,
  type StoryRows,
  storyRows,
  storyRowsMax,
} from "./story-rows.ts";
import { type Part, partsHtml, partsText, type StoryCount, storyParts } from "./story-sentence.ts";
import { tenantNames } from "./story-tenants.ts";
import { type StoryNode, storyTree } from "./story-tree.ts";

/** What one transaction or one request did, told as one. */
export interface Story {
  /** "Ada Lovelace deleted 1 order and 3 payments of Acme": in parts, as text and as HTML, from one telling. */
  parts: Part[];
  sentence: string;
  html: string;
  /** The first entry: who, when, from where. */
  first: AuditEntry;
  until: string;
  counts: (StoryCount & { tenantName: string | null })[];
  /** The rows along their foreign keys; the first 500 of each database. */
  tree: StoryNode[];
  entries: number;
  /** Whether there are more entries than the tree holds. */
  more: boolean;
  transactions: { database: string; databaseName: string; transaction: string; at: string }[];
  silent: Silent[];
}

/** Where a story may lie. */
export interface StoryPlace {
  /** A time within a day of it: makes the answer quick, and its months are read also when they are archived. */
  near?: string | null;
  /** Archived months ("2026-01") to read besides. */
  months?: readonly string[];
}

/** One transaction of one database. */
export async function transactionStory(
  actor: Actor,
  databaseId: string,
  transaction: string,
  place: StoryPlace = {},
  signal?: AbortSignal,
): Promise<Story> {
  authorise(actor, "audit.read");
  if (!/^\d{1,20}$/.test(transaction) || BigInt(transaction) >= 2n ** 64n) throw nothing();
  const database = await readableDatabase(databaseId);
  const key: StoryKey = { kind: "transaction", transaction, near: place.near ?? null };
  const silent: Silent[] = [];
  const archived = await archivedPart(databaseId, key, place, { missed: silent, signal });
  if (database.left) return storyOf(archived ? [archivedTold(database, archived)] : [], silent);
  const tell = (client: pg.PoolClient) => tellIn(client, database, key, archived);
  const told =
    archived === null
      ? await withDatabase(databaseId, tell, { signal })
      : await orWithout(database, "entries that are not archived", silent, tell, archivedTold(database, archived), {
          signal,
        });
  return storyOf([told], silent);
}

/** Everything that one request did, in whichever databases. */
export async function requestStory(
  actor: Actor,
  request: string,
  place: StoryPlace = {},
  signal?: AbortSignal,
): Promise<Story> {
  authorise(actor, "audit.read");
  const audited = new Map((await everAuditedFor({})).map((database) => [database.id, database]));
  const key: StoryKey = { kind: "request", request };
  const missed: Silent[] = [];
  const reading: ColdReading = { missed, signal };
  const parts = [...audited.keys()].map(async (id) => [id, await archivedPart(id, key, place, reading)] as const);
  const archived = new Map(await Promise.all(parts));
  const ask = async (client: pg.PoolClient, id: string): Promise<Told | null> => {
    const database = audited.get(id);
    return database ? tellIn(client, database, key, archived.get(id) ?? null) : null;
  };
  const departed = [...audited.values()].flatMap(({ id, left }) => (left ? [id] : []));
  const standing = [...audited.keys()].filter((id) => !departed.includes(id));
  const { answers, silent } = await askAll(standing, ask, limits.page.statement, signal);
  const told = answers.flatMap(({ value }) => value ?? []);
  for (const id of [...departed, ...silent.map(({ databaseId }) => databaseId)]) {
    const [database, part] = [audited.get(id), archived.get(id)];
    if (database && part) told.push(archivedTold(database, part));
  }
  return storyOf(told, [...silent, ...missed]);
}

/** What archived months hold of a story; null where none of them is to be read. */
async function archivedPart(
  databaseId: string,
  key: StoryKey,
  { near = null, months = [] }: StoryPlace,
  reading: ColdReading,
): Promise<StoryPart | null> {
  const asked = [...new Set([...months, ...(near === null ? [] : monthsAround(near))])];
  if (asked.length === 0) return null;
  return withArchived(databaseId, asked, async ({ log }) => log && coldStory(log, key, storyRowsMax + 1), reading);
}

/** The months within a day of a time: one, or two where it is close to midnight of the first. */
function monthsAround(near: string): string[] {
  return [-1, 1].map((days) => monthOf(new Date(Date.parse(near) + days * 86_400_000)));
}

interface Told {
  database: AuditedDatabase;
  story: StoryRows;
  users: ReadonlyMap<string, string>;
}

async function tellIn(
  client: pg.PoolClient,
  database: AuditedDatabase,
  key: StoryKey,
  archived: StoryPart | null,
): Promise<Told> {
  const story = await storyRows(client, key, archived);
  return { database, story, users: await userNames(client, database.usersTable, story.rows) };
}

function archivedTold(database: AuditedDatabase, archived: StoryPart): Told {
  return { database, story: archivedOnly(archived), users: new Map() };
}

async function storyOf(told: readonly Told[], silent: Silent[]): Promise<Story> {
  const trees: StoryNode[] = [];
  const entries: AuditEntry[] = [];
  for (const { database, story, users } of told) {
    const of = await named([{ database, rows: story.rows, users }]);
    const leaves = of.map((entry) => ({
      entry,
      label: labelIn(story.images, entry.id),
      image: story.images.get(entry.id) ?? null,
    }));
    entries.push(...of);
    trees.push(...storyTree(leaves, story.keys));
  }
  entries.sort((a, b) => newestFirst(b, a));
  const [first] = entries;
  if (!first) throw nothing(silent);
  const counts = told.flatMap(({ story }) => story.counts);
  const tenants = await tenantNames(
    counts.flatMap(({ tenant }) => tenant ?? []),
    told.map(({ database }) => database.id),
  );
  const parts = storyParts(counts, {
    actor: entries.find(({ actor }) => actor.id !== null)?.actor ?? first.actor,
    tenants,
    more: told.some(({ story }) => story.uncounted),
  });
  return {
    ...{ parts, sentence: partsText(parts), html: partsHtml(parts), first },
    until: entries.at(-1)?.at ?? first.at,
    counts: counts.map((count) => ({ ...count, tenantName: tenants.get(count.tenant ?? "") ?? null })),
    tree: trees.sort((a, b) => newestFirst(b.entry, a.entry)),
    entries: entries.length,
    more: told.some(({ story }) => story.more),
    transactions: transactionsOf(entries),
    silent,
  };
}

function transactionsOf(entries: readonly AuditEntry[]): Story["transactions"] {
  const seen = new Map<string, Story["transactions"][number]>();
  for (const { database, databaseName, transaction, at } of entries) {
    const key = `${database} ${transaction}`;
    if (!seen.has(key)) seen.set(key, { database, databaseName, transaction, at });
  }
  return [...seen.values()];
}

function nothing(silent: readonly Silent[] = []): Refusal {
  if (silent.length > 0) {
    return new Refusal("unreachable", "Not every database answered, and the others have no entry of this.", {
      fix: `Ask again when ${silent.map(({ name }) => name).join(" and ")} can be reached.`,
    });
  }
  return new Refusal("not_found", "The audit log has no entry of this transaction or request.", {
    fix: "Check the link; a transaction that was rolled back leaves none, and its month may be archived.",
  });
}
