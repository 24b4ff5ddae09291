import type { Actor } from "../actor.ts";
import { type Page, toPage } from "../page.ts";
import type { AuditEntry, AuditFilter, EntryActor, Silent } from "./contract.ts";
import { keyOf, searchAudit } from "./search.ts";
import { countsOf, type Part, storyParts } from "./story-sentence.ts";
import { tenantNames } from "./story-tenants.ts";

/** What one request, or one transaction without a request, did of the entries that are told. */
export interface ListedStory {
  parts: Part[];
  /** Its oldest entry among them. */
  first: AuditEntry;
  entries: number;
  /** Whoever acted in it; one who did so both as themselves and through somebody else stands there twice. */
  actors: EntryActor[];
}

export interface StoryPage extends Page<ListedStory> {
  silent: Silent[];
}

const entriesMax = 300;

/** The entries of a filter, newest first, told by request and transaction. */
export async function listStories(
  actor: Actor,
  filter: AuditFilter,
  cursor: string | null = null,
  size = entriesMax,
  signal?: AbortSignal,
): Promise<StoryPage> {
  const { silent, ...page } = await searchAudit(actor, filter, cursor, size, signal);
  return { ...(await toldPage(page)), silent };
}

/**
 * A page of entries as stories. It ends where its last story begins, which the next page then tells whole; only a story that is longer
 * than a page by itself is told in pieces.
 */
export async function toldPage({ rows, next }: Page<AuditEntry>): Promise<Page<ListedStory>> {
  const last = rows.at(-1);
  const cut =
    next === null || last === undefined ? rows.length : rows.findIndex((row) => storyOf(row) === storyOf(last));
  const page = cut === 0 ? { rows, next } : toPage(rows, cut, keyOf);
  return { rows: await storiesOf(page.rows), next: page.next };
}

/** What entries, newest first, come to. */
async function storiesOf(entries: readonly AuditEntry[]): Promise<ListedStory[]> {
  const stories = [...Map.groupBy(entries, storyOf).values()];
  const tenants = await tenantNames(
    entries.flatMap(({ tenant }) => tenant ?? []),
    entries.map(({ database }) => database),
  );
  return stories.flatMap((of) => {
    const first = of.at(-1);
    if (!first) return [];
    const parts = storyParts(countsOf(of), { actor: first.actor, tenants, more: false });
    return [{ parts, first, entries: of.length, actors: actorsOf(of) }];
  });
}

function actorsOf(entries: readonly AuditEntry[]): EntryActor[] {
  return [...new Map(entries.map(({ actor }) => [`${actor.impersonator?.id} ${actor.id}`, actor])).values()];
}

/** A request may span databases; a transaction is one database's own. */
function storyOf({ request, database, transaction }: AuditEntry): string {
  return request ?? `${database} ${transaction}`;
}
