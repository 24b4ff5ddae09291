import { readValues } from "../../../audit/proof/read-values.ts";
import type { ErasureSubject, NotReached } from "../contract.ts";
import { whyUnread } from "./log.ts";
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
  try {
    const subject = { kind: "records" as const, schema, table, records: [record], columns };
    const entries = await readValues({ databaseId: database, subject });
    const images = entries.flatMap(({ before, after }) => [before, after]).filter((image) => image !== null);
    const values = images.flatMap((image) => Object.values(JSON.parse(image) as Record<string, unknown>));
    return [...new Set(values.filter((value) => typeof value === "string"))].filter(isOwnWord);
  } catch (error) {
    notReached.push({ where: "earlier values of the person's row", why: whyUnread(error) });
    return [];
  }
}
