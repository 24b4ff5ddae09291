import { findInExports } from "../../../audit/export/find-words.ts";
import type { ErasureInput } from "../../../audit/proof/contract.ts";
import type { Pointing } from "../../../audit/proof/find-pointing.ts";
import { auditedDatabase } from "../../../audit/scope.ts";
import { withDatabase } from "../../../fleet.ts";
import { managedTablesOf } from "../../../managed-tables.ts";
import { limits } from "../../../transaction.ts";
import type { ErasureChoices, ErasureSubject, NotReached } from "../contract.ts";
import { findInCopies } from "./copies.ts";
import { earlierOf, tenantsOf } from "./earlier.ts";
import type { Findings, FoundTable } from "./findings.ts";
import { markHeld } from "./held.ts";
import { noteHidden } from "./hidden.ts";
import { entriesOf, freeLogParts, valuesOf } from "./log.ts";
import { keyOf, type Looking, nameOf } from "./looking.ts";
import { findPast, pathsInLog } from "./past.ts";
import { pastWords } from "./past-words.ts";
import { personalColumns } from "./personal.ts";
import { backupsOf, delivered, inConsole, papersOf } from "./places.ts";
import { findByKeys } from "./rows.ts";
import { findByWords, wordsOf } from "./words.ts";

/** A statement of a search takes no longer. */
const statementMs = 30_000;

export interface Search {
  subject: ErasureSubject;
  choices: ErasureChoices;
  /** Words that an earlier search found in the person's own row. */
  words?: readonly string[];
  /** Tenants of rows that an earlier search found, and that are gone now. */
  tenants?: readonly string[] | undefined;
  /** For a copy that was restored: the database that it was made of. */
  of?: string | undefined;
  /** Nothing but this database: of one that was restored it is asked whether it holds the person, and not of others. */
  here?: boolean;
}

export type RowFindings = Pick<Findings, "tables" | "edges" | "keys" | "terms" | "tenants" | "notReached"> & {
  pointing: Pointing[];
};

/** What of a database's rows names a person. Reads only. */
export async function findRows(
  { subject, choices, words = [], tenants = [], of }: Search,
  signal: AbortSignal,
): Promise<RowFindings> {
  const [personal, managed] = [await personalColumns(subject, of), await managedTablesOf(subject.database)];
  const unread: NotReached[] = [];
  const earlier = await pastWords(subject, personal, unread);
  return withDatabase(
    subject.database,
    async (client) => {
      await client.query("SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY'");
      const looking: Looking = {
        ...{ client, subject, choices, personal, managed, signal },
        shapes: new Map(),
        notReached: [...unread],
      };
      const { tables, edges } = await findByKeys(looking);
      const own = tables.find(({ kind }) => kind === "own");
      const terms = [...new Set([...words, ...earlier, ...(await wordsOf(looking, own))])].toSorted();
      const byWords = await findByWords(looking, terms, tables);
      const sorted = (await markHeld(looking, [...tables, ...byWords])).map((table) => ({
        ...table,
        rows: table.rows.toSorted((a, b) => (a.record < b.record ? -1 : 1)),
      }));
      await noteHidden(looking);
      const owners = await tenantsOf(looking, sorted);
      const named = new Set([...sorted.map(nameOf), ...edges.map(({ child }) => nameOf(child))]);
      const keys = [...looking.shapes].flatMap(([name, shape]) =>
        named.has(name) ? [[name, keyOf(looking, shape)]] : [],
      );
      return {
        tables: sorted,
        edges,
        keys: Object.fromEntries(keys),
        terms,
        pointing: pathsInLog(looking),
        tenants: [...new Set([...tenants, ...owners])].toSorted(),
        notReached: looking.notReached,
      };
    },
    { limits: limits.long, timeoutMs: statementMs },
  );
}

/** Everything that names a person, wherever it lies: rows, the log with its archived months, exports on disk, backups, files of tenants. */
export async function findAll(
  search: Search,
  signal: AbortSignal,
  told: (line: string) => Promise<void> = async () => {},
): Promise<Findings> {
  const { subject } = search;
  await told("Looking at the rows");
  const { tables, edges, keys, terms, pointing, tenants, notReached } = await findRows(search, signal);
  await told("Looking at the log");
  const counted: FoundTable[] = [];
  for (const table of tables) {
    let entries = 0;
    for (const part of freeLogParts(table, subject)) entries += await entriesOf(subject.database, part, notReached);
    counted.push({ ...table, entries });
  }
  await told("Looking for the words in the log and its archived months");
  const past = await findPast(search, { tables, terms, pointing }, notReached);
  past.push(...(await findInCopies(search, { terms, pointing }, notReached)));
  const actor = await findActor(subject, notReached);
  await told("Looking at exports and backups");
  const inFiles = await findInExports(wordsOfFiles(subject, terms));
  const earlier = await earlierOf(subject, search.here ? [] : tenants);
  return {
    ...{ tables: counted, edges, keys, past, actor, terms, tenants },
    exports: inFiles.found.map(({ id, format, requestedAt, expiresAt }) => ({ id, format, requestedAt, expiresAt })),
    backups: [...(await backupsOf(subject.database)), ...earlier.backups],
    papers: await papersOf(subject.database),
    notReached: [
      ...notReached,
      ...earlier.notReached,
      ...inFiles.notReached,
      ...(await inConsole(terms)),
      ...(await delivered()),
    ],
  };
}

/** A key that is long enough names nobody else, also in a file. */
function wordsOfFiles({ record }: ErasureSubject, terms: readonly string[]): string[] {
  return record !== undefined && record.length >= 12 ? [...terms, record] : [...terms];
}

/** A person who signs in leaves addresses and programs with each act. */
async function findActor(subject: ErasureSubject, notReached: NotReached[]): Promise<Findings["actor"]> {
  const { record, table, schema = "public", database } = subject;
  const { usersTable } = await auditedDatabase(database);
  if (record === undefined || usersTable?.table !== table || usersTable?.schema !== schema) return null;
  const input: ErasureInput = { databaseId: database, subject: { kind: "actor", user: record } };
  return { user: record, entries: (await valuesOf(input, notReached, "the log of this person's acts")).length };
}
