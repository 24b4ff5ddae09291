import type { ErasureChoices, ErasureSubject, NotReached } from "./contract.ts";
import { findAll } from "./find/find.ts";
import type { Findings, FoundEntries } from "./find/findings.ts";
import { entriesOf } from "./find/log.ts";
import { evaluate } from "./plan/evaluate.ts";
import type { Kept } from "./stored.ts";

export interface Remaining {
  /** Nothing is left, and all was looked at: what could not be read may hold anything. */
  clean: boolean;
  remaining: { where: string; count: number }[];
  notReached: NotReached[];
  found: Findings;
}

/**
 * Searches again as the erasure did, and also where the log held values of rows that are gone: what is there still that was to go? Of
 * a database that was `restored` it is asked alone.
 */
export async function findRemaining(
  { subject, choices, words, tenants, log }: Kept,
  signal: AbortSignal,
  restored?: string,
): Promise<Remaining> {
  const databaseId = restored ?? subject.database;
  const asked = { ...subject, database: databaseId };
  const search = { subject: asked, choices, words, tenants, of: subject.database, here: restored !== undefined };
  const found = await findAll(search, signal);
  const remaining = leftOf(found, choices, asked);
  const notReached = [...found.notReached];
  const told = new Set(remaining.map(({ where }) => where));
  for (const [where, parts] of Map.groupBy(log, ({ schema, table }) => `the log of ${schema}.${table}`)) {
    if (told.has(where)) continue;
    const count = await sumOf(databaseId, parts, notReached);
    if (count > 0) remaining.push({ where, count });
  }
  const allRead = notReached.every(({ outside }) => outside === true);
  return { clean: remaining.length === 0 && allRead, remaining, notReached, found };
}

async function sumOf(databaseId: string, parts: readonly FoundEntries[], notReached: NotReached[]): Promise<number> {
  let sum = 0;
  for (const part of parts) sum += await entriesOf(databaseId, part, notReached);
  return sum;
}

/** What the plan would still do something about. What is kept with a reason, or held, is not among it. */
function leftOf(found: Findings, choices: ErasureChoices, subject: ErasureSubject): Remaining["remaining"] {
  const { plan } = evaluate(found, choices, subject);
  return plan.items.flatMap((item) => {
    if (item.method === "keep") return [];
    const table = found.tables.find(({ key }) => key === item.key);
    if (!table) return item.count > 0 ? [{ where: item.where, count: item.count }] : [];
    const rows = table.rows.filter(({ record }) => !table.held.includes(record));
    const count = (item.method === "delete" ? rows : rows.filter(({ columns }) => columns.length > 0)).length;
    return [
      ...(count > 0 ? [{ where: item.where, count }] : []),
      ...(table.entries > 0 ? [{ where: `the log of ${item.where}`, count: table.entries }] : []),
    ];
  });
}
