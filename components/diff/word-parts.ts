import { diffWordsWithSpace } from "diff";
import type { Effort } from "./effort.ts";

export interface WordPart {
  value: string;
  added: boolean;
  removed: boolean;
}

const longText = 60;
const charactersMax = 50_000;
/** More words than these came and went: it is another text. The work grows with the square of it. */
const editsMax = 300;

/** True for two texts that are better compared by words than as wholes. */
export function comparedByWords(before: unknown, after: unknown): before is string {
  return (
    typeof before === "string" &&
    typeof after === "string" &&
    before.length + after.length > longText &&
    before.includes(" ")
  );
}

/** What two texts share and what only one of them has; null where they are too long, or too different, to be compared so. */
export function wordParts(before: string, after: string, effort: Effort): WordPart[] | null {
  const characters = before.length + after.length;
  if (characters > charactersMax || !effort.affords(cost(characters, Math.min(characters, editsMax)))) return null;
  const parts = diffWordsWithSpace(before, after, { maxEditLength: editsMax });
  effort.spend(cost(characters, parts?.reduce((sum, one) => sum + editsIn(one), 0) ?? editsMax));
  return parts ?? null;
}

function cost(characters: number, edits: number): number {
  return characters + edits ** 2 / 2;
}

function editsIn({ added, removed, count }: { added: boolean; removed: boolean; count: number }): number {
  return added || removed ? count : 0;
}
