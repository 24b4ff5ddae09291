import type { Effort } from "./effort.ts";
import { type FieldChange, pathChanges } from "./fields.ts";
import { isObject } from "./json.ts";
import { comparedByWords, type WordPart, wordParts } from "./word-parts.ts";

/** One line of a difference. */
export interface DiffLine extends FieldChange {
  /** Two long texts, by what they share and what only one of them has. */
  words?: WordPart[];
}

const linesMax = 1_000;

/** Changes as lines: a JSON field has one for each path that differs, and long texts are compared by words. */
export function diffLines(changes: readonly FieldChange[], effort: Effort): DiffLine[] {
  return changes.flatMap((change) => unfold(change, effort)).map((change) => withWords(change, effort));
}

function unfold(change: FieldChange, effort: Effort): FieldChange[] {
  const { before, after, kind, field } = change;
  const nested = (isObject(before) && isObject(after)) || (Array.isArray(before) && Array.isArray(after));
  if (kind !== "changed" || !nested) return [change];
  const paths = pathChanges(before, after, field, effort);
  return paths.length > linesMax ? [{ ...change, tooLarge: true }] : paths;
}

function withWords(change: FieldChange, effort: Effort): DiffLine {
  const { before, after, kind } = change;
  if (kind !== "changed" || !comparedByWords(before, after)) return change;
  const words = wordParts(before, String(after), effort);
  return words === null ? { ...change, tooLarge: true } : { ...change, words };
}
