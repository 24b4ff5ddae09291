import { type CanonicalValues, canonicalColumns } from "./canonical.ts";

// What stands before each value. PostgreSQL prints a space after each comma and colon inside of JSON columns, and a quote there is
// either escaped or ends a text: none of these marks can stand inside a value.
const marks = canonicalColumns.map((name, at) => `${at === 0 ? "{" : ","}"${name}":`);
const quote = 34;
const backslash = 92;

/**
 * Reads one line of the lossless export: texts decoded, objects and arrays as the very text that stands there, because parsing
 * them would lose digits and spacing.
 *
 * @throws Error when the line is not what the export prints.
 */
export function lineValues(line: string): CanonicalValues {
  const values: Partial<CanonicalValues> = {};
  let at = 0;
  for (const [place, name] of canonicalColumns.entries()) {
    const mark = marks[place] ?? "";
    if (!line.startsWith(mark, at)) throw new Error(`Character ${at + 1} should begin the column ${name}.`);
    const from = at + mark.length;
    at = line.charCodeAt(from) === quote ? endOfText(line, from) : endOfOther(line, from, marks[place + 1]);
    values[name] = decode(line, from, at);
  }
  if (at !== line.length - 1 || line[at] !== "}") throw new Error("The line does not end where its last column ends.");
  return values as CanonicalValues;
}

function decode(line: string, from: number, to: number): string | null {
  const text = line.slice(from, to);
  if (line.charCodeAt(from) !== quote) return text === "null" ? null : text;
  return text.includes("\\") ? String(JSON.parse(text)) : line.slice(from + 1, to - 1);
}

/** Just past the closing quote of the text that begins at `from`. */
function endOfText(line: string, from: number): number {
  for (let close = line.indexOf('"', from + 1); close >= 0; close = line.indexOf('"', close + 1)) {
    let slashes = 0;
    while (line.charCodeAt(close - 1 - slashes) === backslash) slashes += 1;
    if (slashes % 2 === 0) return close + 1;
  }
  throw new Error("A text has no end.");
}

/** Of an object, an array or null: where the next column begins, or at the line's closing brace. */
function endOfOther(line: string, from: number, next: string | undefined): number {
  const end = next === undefined ? line.length - 1 : line.indexOf(next, from);
  if (end < from) throw new Error("A value has no end.");
  return end;
}
