import type { Actor } from "../actor.ts";
import { toPage } from "../page.ts";
import type { AuditEntry, AuditFilter, Silent } from "./contract.ts";
import { searchAudit } from "./search.ts";
import { countsOf, type Part, storyParts } from "./story-sentence.ts";
import { tenantNames } from "./story-tenants.ts";

/** What one request, or one transaction without a request, did of the entries that are told. */
export interface ListedStory {
  parts: Part[];
  /** Its oldest entry among them. */
  first: AuditEntry;
  entries: number;
}

export interface StoryPage {
  rows: ListedStory[];
  next: string | null;
  silent: Silent[];
}

const entriesMax = 300;

/**
 * The entries of a filter, newest first, told by request and transaction. A page ends where its last story begins, which the next
 * page then tells whole; only a story that is longer than a page by itself is told in pieces.
 */
export async function listStories(
  actor: Actor,
  filter: AuditFilter,
  cursor: string | null = null,
  size = entriesMax,
  signal?: AbortSignal,
): Promise<StoryPage> {
  const { rows, next, silent } = await searchAudit(actor, filter, cursor, size, signal);
  const last = rows.at(-1);
  const cut =
    next === null || last === undefined ? rows.length : rows.findIndex((row) => storyOf(row) === storyOf(last));
  const page = cut === 0 ? { rows, next } : toPage(rows, cut, ({ at, id, database }) => [at, id, database]);
  return { rows: await storiesOf(page.rows), next: page.next, silent };
}

/** What entries, newest first, come to: the newest stories, each with its entries among these. */
export async function storiesOf(entries: readonly AuditEntry[], most = entries.length): Promise<ListedStory[]> {
  const stories = [...Map.groupBy(entries, storyOf).values()].slice(0, most);
  const told = stories.flat();
  const tenants = await tenantNames(
    told.flatMap(({ tenant }) => tenant ?? []),
    told.map(({ database }) => database),
  );
  return stories.flatMap((of) => {
    const first = of.at(-1);
    if (!first) return [];
    const parts = storyParts(countsOf(of), { actor: first.actor, tenants, more: false });
    return [{ parts, first, entries: of.length }];
  });
}

/** A request may span databases; a transaction is one database's own. */
function storyOf({ request, database, transaction }: AuditEntry): string {
  return request ?? `${database} ${transaction}`;
}
