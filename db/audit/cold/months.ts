import { withDatabase } from "../../fleet.ts";
import { limits } from "../../transaction.ts";
import { userNames } from "../actor-names.ts";
import { monthBounds } from "../archive/month.ts";
import { type Archive, archivesOf } from "../archive/registry.ts";
import { hotMonths } from "../archive/standing.ts";
import type { AuditFilter } from "../contract.ts";
import type { EntryRow } from "../entry-row.ts";
import { type Asked, askedBy } from "../query/asked.ts";
import { momentBounds } from "../query/contract.ts";
import { termsIn } from "../query/people.ts";
import type { Term } from "../query/terms.ts";

/** One archived month of one database that can hold an answer. */
export interface ColdMonth {
  archive: Archive;
  database: Asked;
}

/** The archived months that can hold an answer, newest first; those that are in PostgreSQL now are not among them. */
export async function coldMonths(filter: AuditFilter): Promise<ColdMonth[]> {
  const databases = new Map((await askedBy(filter)).map((database) => [database.id, database]));
  if (databases.size === 0) return [];
  const archives = await archivesOf([...databases.keys()]);
  const attached = await attachedMonths([...new Set(archives.map(({ databaseId }) => databaseId))]);
  return archives.flatMap((archive) => {
    const database = databases.get(archive.databaseId);
    const hot = attached.get(archive.databaseId);
    const isCold = hot ? !hot.has(archive.month) : archive.state === "cold";
    return database && isCold && database.terms.every((term) => mayHold(archive, term)) ? [{ archive, database }] : [];
  });
}

/** What is part of each database's log; a database that does not answer is left out, and its months are where they were last. */
async function attachedMonths(ids: readonly string[]): Promise<Map<string, Set<string>>> {
  const known = await Promise.all(
    ids.map(async (id) => {
      const hot = await withDatabase(id, hotMonths, { timeoutMs: 3_000 }).catch(() => null);
      return hot && ([id, new Set(hot.map(({ month }) => month))] as const);
    }),
  );
  return new Map(known.filter((one) => one !== null));
}

/** False when the manifest alone says that no entry of the month fits the term. */
function mayHold({ month, manifest }: Archive, term: Term): boolean {
  if (term.negated) return true;
  if (term.op === "range" && term.field === "at") {
    const { from, to } = momentBounds(term, Date.now());
    const bounds = monthBounds(month);
    const millis = (text: string) => Date.parse(text.replace(" ", "T").replace(/\+00$/, "Z"));
    return (
      (to === undefined || millis(bounds.from) < millis(to)) && (from === undefined || millis(bounds.to) > millis(from))
    );
  }
  if (term.op !== "is" || term.field !== "tenant" || manifest.tenantsMore === true) return true;
  const tenants = manifest.tenants;
  if (!Array.isArray(tenants) || term.values.some(({ match }) => match !== "exact")) return true;
  return term.values.some(({ text }) => tenants.includes(text));
}

/** What to ask of a database's months, with its users by their ids; as it stands when the database does not answer. */
export async function coldTerms(database: Asked): Promise<Term[]> {
  const asked = withDatabase(database.id, (client) => termsIn(client, database), { limits: limits.page });
  return asked.catch(() => database.terms);
}

/** The users' names as of now; none when the database does not answer: a name is worth no error. */
export function coldUsers(database: Asked, rows: readonly EntryRow[]): Promise<Map<string, string>> {
  const named = withDatabase(database.id, (client) => userNames(client, database.usersTable, rows), {
    limits: limits.page,
  });
  return named.catch(() => new Map<string, string>());
}
