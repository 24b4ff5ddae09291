import { findPointing, type Pointing } from "../../../audit/proof/find-pointing.ts";
import { findWords } from "../../../audit/proof/find-words.ts";
import type { NotReached } from "../contract.ts";
import type { Search } from "./find.ts";
import type { FoundEntries, FoundTable } from "./findings.ts";
import { entriesOf, grouped, logParts } from "./log.ts";
import { type Looking, nameOf, personalOf } from "./looking.ts";
import { personalColumns } from "./personal.ts";

/** By which foreign keys rows that are gone may have pointed at the person: their last values are in the log. */
export function pathsInLog(looking: Looking): Pointing[] {
  const { schema = "public", table, record } = looking.subject;
  const own = looking.shapes.get(`${schema}.${table}`);
  if (!own || record === undefined) return [];
  const values = own.primaryKey.length === 1 ? [record] : keyValues(record);
  return own.children.flatMap((key) => {
    const child = looking.shapes.get(`${key.schema}.${key.table}`);
    const personal = child ? personalOf(looking, child).map(({ name }) => name) : [];
    const places = key.parentColumns.map((column) => own.primaryKey.indexOf(column));
    const known = places.flatMap((at) => values[at] ?? []);
    if (personal.length === 0 || known.length !== key.columns.length) return [];
    return [{ schema: key.schema, table: key.table, columns: key.columns, values: known, personal }];
  });
}

/** A composite key is a JSON array. */
function keyValues(record: string): string[] {
  try {
    const values: unknown = JSON.parse(record);
    return Array.isArray(values) ? values.map(String) : [];
  } catch {
    return []; // not a key of this table: no row has it, and no entry either
  }
}

interface FoundSoFar {
  tables: readonly FoundTable[];
  terms: readonly string[];
  pointing: readonly Pointing[];
}

/** What stands in the log alone: words that its rows do not hold any more, and rows that are gone and once pointed at the person. */
export async function findPast(
  { subject, of }: Search,
  { tables, terms, pointing }: FoundSoFar,
  notReached: NotReached[],
): Promise<FoundEntries[]> {
  const { confirmed, searched } = await personalColumns(subject, of);
  const columns = new Map(confirmed);
  for (const [name, more] of searched) columns.set(name, new Set([...(columns.get(name) ?? []), ...more]));
  const said = await findWords(subject.database, columns, terms);
  notReached.push(...said.notReached);
  const known = new Map<string, Set<string>>();
  for (const table of tables) {
    const records = logParts(table, subject).flatMap((part) => part.records);
    known.set(nameOf(table), new Set([...(known.get(nameOf(table)) ?? []), ...records]));
  }
  const isKnown = (schema: string, table: string, record: string) =>
    known.get(`${schema}.${table}`)?.has(record) === true;
  const past = grouped(said.entries.filter(({ schema, table, record }) => !isKnown(schema, table, record)));
  for (const path of pointing) {
    const { schema, table, personal } = path;
    const found = await findPointing(subject.database, path);
    notReached.push(...found.notReached);
    const records = found.records.filter((record) => !isKnown(schema, table, record));
    if (records.length > 0) past.push({ schema, table, columns: [...personal], records });
  }
  const standing: FoundEntries[] = [];
  // What a hold keeps, and what was erased already, is not there to erase.
  for (const part of merged(past)) {
    if ((await entriesOf(subject.database, part, notReached)) > 0) standing.push(part);
  }
  return standing;
}

/** One part for each table and set of columns, in one order. */
function merged(parts: readonly FoundEntries[]): FoundEntries[] {
  const byKey = Map.groupBy(parts, ({ schema, table, columns }) => JSON.stringify([schema, table, columns]));
  return [...byKey.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, group]) => {
      const [first] = group;
      return first ? [{ ...first, records: [...new Set(group.flatMap(({ records }) => records))].toSorted() }] : [];
    });
}
