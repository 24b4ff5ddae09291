import { fields } from "./fields.ts";
import { namePattern } from "./scan.ts";
import type { IsTerm, RangeTerm, Term, Value } from "./terms.ts";

/** The terms as text that parses into the same terms. */
export function printQuery(terms: readonly Term[]): string {
  return terms.map(printTerm).join(" ");
}

export function printTerm(term: Term): string {
  return `${term.negated ? "-" : ""}${term.op === "text" ? printText(term.text) : `${printName(term)}:${printRight(term)}`}`;
}

/** The name of what a term asks about: "action", "old.status". */
function printName({ field, key }: Pick<IsTerm | RangeTerm, "field" | "key">): string {
  return key === undefined ? field : `${field}.${/^[\p{L}\p{N}_$-]+$/u.test(key) ? key : quoted(key)}`;
}

function printRight(term: IsTerm | RangeTerm): string {
  if (term.op === "is") return term.values.map((value) => printValue(term.field, value)).join(",");
  const end = (text: string | undefined) => (text === undefined ? "" : printEnd(term.field, text));
  if (term.field === "at" && term.from === term.to) return end(term.from);
  return `${end(term.from)}..${end(term.to)}`;
}

/** A number or text that stands alone would read as a value and not as a range from itself to itself. */
function printEnd(field: RangeTerm["field"], text: string): string {
  return field === "at" || field === "ip" || /^-?\d+(\.\d+)?$/.test(text) ? text : quoted(text);
}

export function printValue(field: IsTerm["field"], { match, text }: Value): string {
  if (match === "prefix") return isPlain(text, false) ? `${text}*` : `${quoted(text)}*`;
  if (match !== "exact") return match;
  const reserved = fields[field].words?.some((word) => word === text.toLowerCase()) ?? false;
  return isPlain(text, fields[field].range === true) && !reserved && text !== "" ? text : quoted(text);
}

function printText(text: string): string {
  const plain = text !== "" && !/^["-]|^(AND|OR|NOT)$|\s/.test(text) && !namePattern.test(text);
  return plain ? text : quoted(text);
}

function isPlain(text: string, ranged: boolean): boolean {
  return !/[\s",*\\]/.test(text) && !(ranged && text.includes(".."));
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}
