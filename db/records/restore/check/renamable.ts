import type { Column } from "../../table-shape.ts";

const texts = new Set(["text", "varchar", "bpchar", "citext", "name"]);
const numbers = new Set(["int2", "int4", "int8", "numeric"]);

/** The column of a unique key that can take another value: the last text, else the last number. A key's own parts can not be guessed. */
export function renamable(columns: readonly Column[]): Column | null {
  const stored = columns.filter(({ generatedAs }) => generatedAs === null);
  return (
    stored.findLast(({ baseType }) => texts.has(baseType)) ??
    stored.findLast(({ baseType }) => numbers.has(baseType)) ??
    null
  );
}

export function isText({ baseType }: Column): boolean {
  return texts.has(baseType);
}

/** How many characters a column holds; null for any number. */
export function lengthOf({ plainType }: Column): number | null {
  const found = /^character(?: varying)?\((\d+)\)$/.exec(plainType)?.[1];
  return found === undefined ? null : Number(found);
}
