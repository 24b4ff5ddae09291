import { type CanonicalColumn, type CanonicalValues, canonicalColumns } from "./canonical.ts";

const known: ReadonlySet<string> = new Set(canonicalColumns);
const quote = 34;
const backslash = 92;

// What opens and closes arrays and objects; compared by hand, since this reads every character of an export.
const isOpening = (code: number) => code === 123 || code === 91;
const isClosing = (code: number) => code === 125 || code === 93;

/**
 * Reads one line of the lossless export: strings decoded, objects and arrays as the very text that stands there, because parsing
 * them would lose digits and spacing.
 *
 * @throws Error when the line is not one JSON object with exactly the columns of the log.
 */
export function lineValues(line: string): CanonicalValues {
  const values: Partial<CanonicalValues> = {};
  let at = expect(line, skip(line, 0), "{");
  for (let count = 0; count < canonicalColumns.length; count++) {
    at = skip(line, at);
    if (count > 0) at = skip(line, expect(line, at, ","));
    const usual = canonicalColumns[count];
    if (usual && line.startsWith(usual, at + 1) && line.startsWith('":', at + 1 + usual.length) && !(usual in values)) {
      const from = skip(line, at + usual.length + 3);
      const to = endOfValue(line, from);
      values[usual] = decode(line, from, to);
      at = to;
      continue;
    }
    const nameEnd = endOfString(line, at);
    const name = line.slice(at + 1, nameEnd - 1);
    if (!isColumn(name) || name in values)
      throw new Error(`It has no column called ${name.slice(0, 40)}, or has it twice.`);
    at = skip(line, expect(line, skip(line, nameEnd), ":"));
    const end = endOfValue(line, at);
    values[name] = decode(line, at, end);
    at = end;
  }
  at = skip(line, expect(line, skip(line, at), "}"));
  if (at !== line.length) throw new Error("Something follows the entry.");
  return complete(values);
}

function isColumn(name: string): name is CanonicalColumn {
  return known.has(name);
}

function complete(values: Partial<CanonicalValues>): CanonicalValues {
  const missing = canonicalColumns.find((name) => values[name] === undefined);
  if (missing) throw new Error(`The column ${missing} is missing.`);
  return values as CanonicalValues;
}

function decode(line: string, from: number, to: number): string | null {
  if (line.charCodeAt(from) === quote) {
    const text = line.slice(from + 1, to - 1);
    return text.includes("\\") ? String(JSON.parse(line.slice(from, to))) : text;
  }
  const text = line.slice(from, to);
  return text === "null" ? null : text;
}

function skip(line: string, at: number): number {
  let next = at;
  while (line.charCodeAt(next) === 32) next += 1;
  return next;
}

function expect(line: string, at: number, what: string): number {
  if (line[at] === what) return at + 1;
  throw new Error(`Character ${at + 1} should be ${what}.`);
}

/** Just past the closing quote of the string that begins at `at`. */
function endOfString(line: string, at: number): number {
  expect(line, at, '"');
  for (let close = line.indexOf('"', at + 1); close >= 0; close = line.indexOf('"', close + 1)) {
    let slashes = 0;
    while (line.charCodeAt(close - 1 - slashes) === backslash) slashes += 1;
    if (slashes % 2 === 0) return close + 1;
  }
  throw new Error("A text has no end.");
}

function endOfValue(line: string, at: number): number {
  const first = line.charCodeAt(at);
  if (first === quote) return endOfString(line, at);
  if (line.startsWith("null", at)) return at + 4;
  if (!isOpening(first)) return endOfScalar(line, at);
  let depth = 0;
  for (let next = at; next < line.length; next++) {
    const code = line.charCodeAt(next);
    if (code === quote) next = endOfString(line, next) - 1;
    else if (isOpening(code)) depth += 1;
    else if (isClosing(code) && --depth === 0) return next + 1;
  }
  throw new Error("An object has no end.");
}

function endOfScalar(line: string, at: number): number {
  const rest = line.slice(at).search(/[,}\]\s]/);
  return rest < 0 ? line.length : at + rest;
}
