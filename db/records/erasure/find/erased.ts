import { literal } from "../../../managed/statement.ts";

/** What stands in the place of a text, for people to read and for a search to know. */
export const erasedText = "erased";

/** Uuids that stand in the place of others begin so. */
export const erasedUuid = "00e7a5ed";

const hashLetters = 20;
const domain = "@erased.invalid";

/** SQL of a hash (SQL of it, and of the old value) that an address's check still takes for an address, cut to what fits its column. */
export function hashText(old: string, hash: string, length: number | null): string {
  const text = `${literal(`${erasedText}-`)} || left(${hash}, ${hashLetters}) || CASE WHEN ${old}::text LIKE '%@%' THEN ${literal(domain)} ELSE '' END`;
  return length === null ? text : `left(${text}, ${length})`;
}

/** A pattern of every text that stands in the place of another. The column may have been shorter once, so that a hash may be cut anywhere. */
export function erasedPattern(length: number | null): string {
  const cuts = Array.from(domain, (_, at) => domain.slice(0, at + 1).replace(".", "\\."));
  const stem = erasedText.slice(0, length ?? erasedText.length);
  return `^${stem}(-[0-9a-f]{0,${hashLetters}})?(${cuts.join("|")})?$`;
}
