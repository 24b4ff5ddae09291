import { readValues } from "../../../audit/proof/read-values.ts";
import type { ErasureSubject, NotReached } from "../contract.ts";
import type { Personal } from "./personal.ts";
import { isOwnWord } from "./words.ts";

/** Addresses and numbers that the person's row held before, as the log and its archived months know it. */
export async function pastWords(
  { database, schema = "public", table, record }: ErasureSubject,
  { confirmed }: Personal,
  notReached: NotReached[],
): Promise<string[]> {
  const columns = [...(confirmed.get(`${schema}.${table}`) ?? [])];
  if (table === undefined || record === undefined || columns.length === 0) return [];
  const subject = { kind: "records" as const, schema, table, records: [record], columns };
  const words = new Set<string>();
  for await (const entries of readValues({ databaseId: database, subject }, notReached)) {
    const images = entries.flatMap(({ before, after }) => [before, after]).filter((image) => image !== null);
    const values = images.flatMap((image) => Object.values(JSON.parse(image) as Record<string, unknown>));
    for (const value of values) if (typeof value === "string" && isOwnWord(value)) words.add(value);
  }
  return [...words];
}
