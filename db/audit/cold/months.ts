import type pg from "pg";
import { limits } from "../../transaction.ts";
import { userNames } from "../actor-names.ts";
import { monthBounds } from "../archive/month.ts";
import { type Archive, archivesOf } from "../archive/registry.ts";
import type { AuditFilter, Silent } from "../contract.ts";
import { orWithout } from "../courtesy.ts";
import type { EntryRow } from "../entry-row.ts";
import { type Asked, everAsked } from "../query/asked.ts";
import { momentBounds } from "../query/contract.ts";
import { termsIn, termsWithoutUsers } from "../query/people.ts";
import type { Term } from "../query/terms.ts";
import type { AuditedDatabase } from "../scope.ts";
import { coldArchives, holdsAny } from "./archives.ts";

/** One archived month of one database that can hold an answer. */
export interface ColdMonth {
  archive: Archive;
  database: Asked;
}

/** The archived months that can hold an answer, newest first; those that are in PostgreSQL now are not among them. */
export async function coldMonths(filter: AuditFilter, missed: Silent[] = []): Promise<ColdMonth[]> {
  const databases = new Map((await everAsked(filter)).map((database) => [database.id, database]));
  if (databases.size === 0) return [];
  return (await coldArchives([...databases.keys()], missed)).flatMap((archive) => {
    const database = databases.get(archive.databaseId);
    return database && canAnswer(archive, database) ? [{ archive, database }] : [];
  });
}

/**
 * The same of one database, by the months that whoever asks has seen in PostgreSQL: a file stands for a month before that leaves,
 * so that a month is in what was seen or in this list, whatever happens in between.
 */
export async function coldBeside(database: Asked, hot: ReadonlySet<string>): Promise<Archive[]> {
  const archives = await archivesOf([database.id]);
  return archives.filter((archive) => !hot.has(archive.month) && canAnswer(archive, database));
}

function canAnswer(archive: Archive, { terms }: Asked): boolean {
  return terms.every((term) => mayHold(archive, term));
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
  if (term.op !== "is" || term.values.some(({ match }) => match !== "exact")) return true;
  const texts = term.values.map(({ text }) => text);
  if (term.field === "table") return holdsAny(manifest.tables, (table) => texts.some((text) => isOf(table, text)));
  if (term.field !== "tenant" || manifest.tenantsMore === true) return true;
  return holdsAny(manifest.tenants, (tenant) => texts.includes(tenant));
}

/** Whether a manifest's "schema.table", or an event's type without a schema, is of this table. */
function isOf(listed: string, table: string): boolean {
  return listed === table || listed.endsWith(`.${table}`);
}

/** What to ask of a database's months, with its users by their ids; without them when it does not answer, or left. */
async function coldTerms(database: Asked, missed: Silent[]): Promise<Term[]> {
  const without = termsWithoutUsers(database);
  if (database.left) return without;
  const read = (client: pg.PoolClient) => termsIn(client, database);
  return orWithout(database, "names that the filter holds", missed, read, without, { limits: limits.page });
}

/** The same for the databases of these months, by their ids. */
export async function coldTermsOf(months: readonly ColdMonth[], missed: Silent[]): Promise<Map<string, Term[]>> {
  const databases = new Map(months.map(({ database }) => [database.id, database]));
  return new Map(
    await Promise.all([...databases].map(async ([id, database]) => [id, await coldTerms(database, missed)] as const)),
  );
}

/** The users' names as of now; none when the database does not answer, or left: a name is worth no error. */
export async function coldUsers(
  database: AuditedDatabase,
  rows: readonly EntryRow[],
  missed: Silent[] = [],
): Promise<ReadonlyMap<string, string>> {
  if (database.left) return new Map();
  const read = (client: pg.PoolClient) => userNames(client, database.usersTable, rows);
  return orWithout(database, "names of users", missed, read, new Map(), { limits: limits.page });
}
