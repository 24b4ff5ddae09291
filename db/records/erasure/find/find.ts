import { findInExports } from "../../../audit/export/find-words.ts";
import type { ErasureInput } from "../../../audit/proof/contract.ts";
import { findValues } from "../../../audit/proof/erasure-find.ts";
import { findWords, type WordEntry } from "../../../audit/proof/find-words.ts";
import { auditedDatabase } from "../../../audit/scope.ts";
import { Refusal } from "../../../errors.ts";
import { withDatabase } from "../../../fleet.ts";
import { limits } from "../../../transaction.ts";
import { managedTablesOf } from "../../managed.ts";
import type { ErasureChoices, ErasureSubject, NotReached } from "../contract.ts";
import type { Findings, FoundEntries, FoundTable } from "./findings.ts";
import { keyOf, type Looking, learn, nameOf } from "./looking.ts";
import { personalColumns } from "./personal.ts";
import { backupsOf, delivered, inConsole } from "./places.ts";
import { findByKeys } from "./rows.ts";
import { findByWords, wordsOf } from "./words.ts";

/** A statement of a search takes no longer. */
const statementMs = 30_000;

const entriesMax = 100_000;

export interface Search {
  subject: ErasureSubject;
  choices: ErasureChoices;
  /** Words that an earlier search found in the person's own row. */
  words?: readonly string[];
}

export type RowFindings = Pick<Findings, "tables" | "edges" | "keys" | "terms" | "notReached">;

/** What of a database's rows names a person. Reads only. */
export async function findRows({ subject, choices, words = [] }: Search, signal: AbortSignal): Promise<RowFindings> {
  const [personal, managed] = [await personalColumns(subject), await managedTablesOf(subject.database)];
  return withDatabase(
    subject.database,
    async (client) => {
      // A row that row security hides must be a refusal here, and never a row that was not found.
      await client.query("SET LOCAL row_security = off; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY'");
      const looking: Looking = {
        ...{ client, subject, choices, personal, managed, signal },
        shapes: new Map(),
        notReached: [],
      };
      await learn(
        looking,
        managed.filter(({ class: kind }) => kind !== "ignored"),
      );
      const { tables, edges } = await findByKeys(looking);
      const own = tables.find(({ kind }) => kind === "own");
      const terms = [...new Set([...words, ...(await wordsOf(looking, own))])].toSorted();
      const byWords = await findByWords(looking, terms, tables);
      const sorted = [...tables, ...byWords].map((table) => ({
        ...table,
        rows: table.rows.toSorted((a, b) => (a.record < b.record ? -1 : 1)),
      }));
      const named = new Set([...sorted.map(nameOf), ...edges.map(({ child }) => nameOf(child))]);
      const keys = [...looking.shapes].flatMap(([name, shape]) =>
        named.has(name) ? [[name, keyOf(looking, shape)]] : [],
      );
      return { tables: sorted, edges, keys: Object.fromEntries(keys), terms, notReached: looking.notReached };
    },
    { limits: limits.long, timeoutMs: statementMs },
  );
}

/** Everything that names a person, wherever it lies: rows, the log with its archived months, exports on disk, backups. */
export async function findAll(
  search: Search,
  signal: AbortSignal,
  told: (line: string) => Promise<void> = async () => {},
): Promise<Findings> {
  const { subject } = search;
  await told("Looking at the rows");
  const { tables, edges, keys, terms, notReached } = await findRows(search, signal);
  await told("Looking at the log");
  const counted: FoundTable[] = [];
  for (const table of tables) {
    let entries = 0;
    for (const part of logParts(table, subject)) entries += await entriesOf(subject.database, part, notReached);
    counted.push({ ...table, entries });
  }
  await told("Looking for the words in the log and its archived months");
  const past = await findPast(subject, tables, terms, notReached);
  const actor = await findActor(subject, notReached);
  await told("Looking at exports and backups");
  const inFiles = await findInExports(wordsOfFiles(subject, terms));
  return {
    ...{ tables: counted, edges, keys, past, actor, terms },
    exports: inFiles.found.map(({ id, format, requestedAt, expiresAt }) => ({ id, format, requestedAt, expiresAt })),
    backups: await backupsOf(subject.database),
    notReached: [...notReached, ...inFiles.notReached, ...(await inConsole(terms)), ...(await delivered())],
  };
}

/** A key that is long enough names nobody else, also in a file. */
function wordsOfFiles({ record }: ErasureSubject, terms: readonly string[]): string[] {
  return record !== undefined && record.length >= 12 ? [...terms, record] : [...terms];
}

/** Of which records the log is to lose which columns, for rows that were found. The own record counts also when its row is gone. */
export function logParts(table: FoundTable, { record }: ErasureSubject): FoundEntries[] {
  const { schema, name } = table;
  if (table.kind === "own" || table.kind === "path") {
    const own = table.kind === "own" && record !== undefined ? [record] : [];
    const records = [...new Set([...own, ...table.rows.map((row) => row.record)])];
    return [{ schema, table: name, columns: table.columns.map((column) => column.name), records }];
  }
  // Somebody else's row may hold a word: then only what holds it goes.
  return grouped(table.rows.map(({ record: of, columns }) => ({ schema, table: name, record: of, columns })));
}

const recordsAtOnce = 500;

/** The same in parts that one erasure from the log takes. */
export function logInputs(databaseId: string, { schema, table, columns, records }: FoundEntries): ErasureInput[] {
  if (columns.length === 0) return [];
  return Array.from({ length: Math.ceil(records.length / recordsAtOnce) }, (_, at) => ({
    databaseId,
    subject: {
      kind: "records" as const,
      ...{ schema, table, columns },
      records: records.slice(at * recordsAtOnce, (at + 1) * recordsAtOnce),
    },
  }));
}

export async function entriesOf(databaseId: string, part: FoundEntries, notReached: NotReached[]): Promise<number> {
  let entries = 0;
  for (const input of logInputs(databaseId, part)) {
    entries += (await valuesOf(input, notReached, `the log of ${part.schema}.${part.table}`)).length;
  }
  return entries;
}

/** The ids of entries that hold values; what can not be read is said. */
export async function valuesOf(input: ErasureInput, notReached: NotReached[], where: string): Promise<string[]> {
  try {
    return (await findValues(input, entriesMax)).ids;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    notReached.push({ where, why: error.message });
    return [];
  }
}

/** Words that stand in the log alone: their rows are gone, or hold something else by now. */
async function findPast(
  subject: ErasureSubject,
  tables: readonly FoundTable[],
  terms: readonly string[],
  notReached: NotReached[],
): Promise<FoundEntries[]> {
  const { confirmed, searched } = await personalColumns(subject);
  const columns = new Map(confirmed);
  for (const [name, more] of searched) columns.set(name, new Set([...(columns.get(name) ?? []), ...more]));
  const { entries, notReached: unread } = await findWords(subject.database, columns, terms);
  notReached.push(...unread);
  const known = new Map<string, Set<string>>();
  for (const table of tables) {
    const records = logParts(table, subject).flatMap((part) => part.records);
    known.set(nameOf(table), new Set([...(known.get(nameOf(table)) ?? []), ...records]));
  }
  const fresh = entries.filter(({ schema, table, record }) => !known.get(`${schema}.${table}`)?.has(record));
  return grouped(fresh);
}

function grouped(entries: readonly WordEntry[]): FoundEntries[] {
  const groups = Map.groupBy(entries, ({ schema, table, columns }) =>
    JSON.stringify([schema, table, columns.toSorted()]),
  );
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group;
      if (!first) return [];
      const { schema, table, columns } = first;
      return [{ schema, table, columns: columns.toSorted(), records: group.map(({ record }) => record).toSorted() }];
    })
    .toSorted((a, b) => (`${a.schema}.${a.table}` < `${b.schema}.${b.table}` ? -1 : 1));
}

/** A person who signs in leaves addresses and programs with each act. */
async function findActor(subject: ErasureSubject, notReached: NotReached[]): Promise<Findings["actor"]> {
  const { record, table, schema = "public", database } = subject;
  const { usersTable } = await auditedDatabase(database);
  if (record === undefined || usersTable?.table !== table || usersTable?.schema !== schema) return null;
  const input: ErasureInput = { databaseId: database, subject: { kind: "actor", user: record } };
  return { user: record, entries: (await valuesOf(input, notReached, "the log of this person's acts")).length };
}
