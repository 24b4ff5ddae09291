import type { ErasureInput } from "../../../audit/proof/contract.ts";
import { findValues } from "../../../audit/proof/erasure-find.ts";
import type { WordEntry } from "../../../audit/proof/find-words.ts";
import { logHoldsFor } from "../../../audit/retention/holds.ts";
import { Refusal } from "../../../errors.ts";
import { isInterruption } from "../../../jobs/finish.ts";
import type { ErasureSubject, NotReached } from "../contract.ts";
import type { FoundEntries, FoundTable } from "./findings.ts";

const entriesMax = 100_000;

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

/** The same without rows that a hold keeps: they are kept in the log as well. */
export function freeLogParts(table: FoundTable, subject: ErasureSubject): FoundEntries[] {
  const held = new Set(table.held);
  return logParts(table, subject).flatMap((part) => {
    const records = part.records.filter((record) => !held.has(record));
    return records.length === 0 ? [] : [{ ...part, records }];
  });
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

/** The ids of entries that hold values and that no legal hold keeps; what can not be read is said. */
export async function valuesOf(input: ErasureInput, notReached: NotReached[], where: string): Promise<string[]> {
  try {
    return (await findValues(input, entriesMax, await logHoldsFor(input.databaseId))).ids;
  } catch (error) {
    notReached.push({ where, why: whyUnread(error) });
    return [];
  }
}

/** Why the log could not be read, for people; anything else is thrown on, a lost connection too: the job tries again. */
export function whyUnread(error: unknown): string {
  if (isInterruption(error)) throw error;
  if (error instanceof Refusal) return error.message;
  if (error instanceof Error && error.name === "TimeoutError") return "It was not read within its time.";
  throw error;
}

export function grouped(entries: readonly WordEntry[]): FoundEntries[] {
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
