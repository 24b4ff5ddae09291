import type { Hit, SearchAnswer } from "#app/(console)/shell/search-contract.ts";
import type { Actor } from "#db/actor.ts";
import { recordLookup } from "#db/audit/asked.ts";
import type { Capability } from "#db/capabilities.ts";
import { listFleet } from "#db/databases/list.ts";
import { Refusal } from "#db/errors.ts";
import { tenantFilter } from "#db/tenants/contract.ts";
import { listTenants } from "#db/tenants/list.ts";
import { findEntries, findRecords, findRoot } from "./find-audit.ts";
import { byId } from "./find-by-id.ts";

interface Finder {
  what: string;
  capability: Capability;
  /** What the words must look like for asking to make sense. */
  fits: RegExp;
  find: (actor: Actor, words: string, signal?: AbortSignal) => Promise<Hit[]>;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

// In the order in which hits are shown: an exact id finds in one of them only.
const finders: readonly Finder[] = [
  { what: "tenants", capability: "tenants.read", fits: /./, find: (actor, words) => findTenants(actor, words) },
  { what: "databases", capability: "databases.read", fits: /./, find: findDatabases },
  ...byId.map(({ find, ...one }) => ({
    ...one,
    fits: uuid,
    find: (actor: Actor, words: string) => find(actor, words.toLowerCase()),
  })),
  { what: "audit entries", capability: "audit.read", fits: /^\d{17,19}$/, find: findEntries },
  { what: "checkpoints", capability: "audit.read", fits: /^[A-Za-z0-9+/]{43}=$/, find: findRoot },
  // Ids have digits; words without any would ask every log of the fleet in vain.
  { what: "records in the audit log", capability: "audit.read", fits: /^(?=.*\d)\S+$/, find: findRecords },
];

export async function findAnything(actor: Actor, words: string, signal?: AbortSignal): Promise<SearchAnswer> {
  const asked = finders.filter((finder) => actor.capabilities.has(finder.capability) && finder.fits.test(words));
  if (asked.some(({ capability }) => capability === "audit.read")) await recordLookup(actor, words);
  const answers = await Promise.all(asked.map((finder) => ask(finder, actor, words, signal)));
  return {
    hits: answers.flatMap((answer) => answer ?? []),
    silent: asked.filter((_, at) => answers[at] === null).map((finder) => finder.what),
  };
}

/** Nothing found is an answer; a database that does not answer is said, and the rest still stands. */
async function ask(
  finder: Finder,
  actor: Actor,
  words: string,
  signal: AbortSignal | undefined,
): Promise<Hit[] | null> {
  try {
    return await finder.find(actor, words, signal);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.code === "not_found" ? [] : null;
  }
}

export async function findTenants(actor: Actor, words: string, database?: string): Promise<Hit[]> {
  const filter = tenantFilter.safeParse({ q: words, database, limit: 7 });
  if (!filter.success) return [];
  const { rows } = await listTenants(actor, filter.data);
  return rows.map((tenant) => ({
    kind: "tenant",
    id: tenant.id,
    title: tenant.name,
    detail: [tenant.slug ?? tenant.key, tenant.databaseName].join(" · "),
    href: `/tenants/${tenant.id}`,
  }));
}

async function findDatabases(actor: Actor, words: string): Promise<Hit[]> {
  const wanted = words.toLowerCase();
  const databases = await listFleet(actor);
  return databases
    .filter(({ id, name, serverName }) => id === wanted || `${serverName} ${name}`.toLowerCase().includes(wanted))
    .slice(0, 5)
    .map(({ id, name, serverName }) => ({
      kind: "database",
      id,
      title: name,
      detail: serverName,
      href: `/databases/${id}`,
    }));
}
