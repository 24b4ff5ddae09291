import { type FieldSpec, fieldNamed, fields, type Named, nearestField } from "./fields.ts";
import { type Atom, namePattern, Scanner, Unreadable } from "./scan.ts";
import type { IsTerm, Parsed, RangeTerm, Term, Value } from "./terms.ts";

const lengthMax = 2_000;
const termsMax = 40;
const valuesMax = 50;

/** Reads a filter as it is typed. What cannot be read is named with its character; nothing is guessed or left out. */
export function parseQuery(text: string): Parsed {
  try {
    if (text.length > lengthMax) throw new Unreadable(`A filter has at most ${lengthMax} characters.`, lengthMax);
    const unstorable = text.search(/[\0\p{Cs}]/u);
    if (unstorable >= 0) throw new Unreadable("No database can hold this character.", unstorable);
    return { ok: true, terms: termsOf(new Scanner(text)) };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, message: error.message, at: error.at };
    throw error;
  }
}

function termsOf(scanner: Scanner): Term[] {
  const terms: Term[] = [];
  for (scanner.skipSpace(); !scanner.done; scanner.skipSpace()) {
    const at = scanner.at;
    if (terms.length === termsMax) throw new Unreadable(`A filter has at most ${termsMax} terms.`, at);
    const term = termAt(scanner);
    if (term !== null) terms.push(term);
    if (!scanner.done && !/^\s/.test(scanner.rest)) {
      throw new Unreadable("A space is missing before the next term.", scanner.at);
    }
  }
  return terms;
}

function termAt(scanner: Scanner): Term | null {
  const at = scanner.at;
  const negated = scanner.take("-");
  if (negated && (scanner.done || /^[\s-]/.test(scanner.rest))) {
    throw new Unreadable("A - leaves out the term behind it, and none is there. Write it without a space.", at);
  }
  const [head, name, key] = namePattern.exec(scanner.rest) ?? [];
  if (head === undefined || name === undefined) return freeText(scanner, negated);
  const field = known(name, scanner.at);
  const spec = fields[field];
  checkKey(field, spec, key, scanner.at + name.length);
  scanner.at += head.length;
  const column = key === undefined ? {} : { key: key.startsWith('"') ? new Scanner(key).atom([]).text : key };
  return { ...rightSide(scanner, field, spec), ...column, negated };
}

function freeText(scanner: Scanner, negated: boolean): Term | null {
  const { text, quoted, at } = scanner.atom([]);
  if (!quoted && !negated) {
    if (text === "AND") return null;
    if (text === "OR") {
      throw new Unreadable('Alternatives are a list: action:create,delete. For the word itself write "OR".', at);
    }
    if (text === "NOT") throw new Unreadable('Leave out with a minus: -action:update. For the word write "NOT".', at);
  }
  if (text.trim() === "") throw new Unreadable("There is nothing between the quotation marks.", at);
  return { op: "text", field: "text", negated, text };
}

function known(name: string, at: number): Named {
  const field = fieldNamed(name);
  if (field !== null) return field;
  const near = nearestField(name);
  const advice = near === null ? "Quote it to look for it as text." : `Did you mean ${near}:?`;
  throw new Unreadable(`There is no field ${name}. ${advice}`, at);
}

function checkKey(field: Named, spec: FieldSpec, key: string | undefined, at: number): void {
  if (spec.keyed && (key === undefined || key === "" || key === '""')) {
    throw new Unreadable(`Say which column: ${field}.status:${spec.example}.`, at);
  }
  if (!spec.keyed && key !== undefined)
    throw new Unreadable(`${field} has no parts. Write ${field}:${spec.example}.`, at);
}

function rightSide(
  scanner: Scanner,
  field: Named,
  spec: FieldSpec,
): Omit<IsTerm, "negated"> | Omit<RangeTerm, "negated"> {
  const ends = spec.range ? [",", ".."] : [","];
  const first = scanner.atom(ends);
  if (spec.range && isRanged(field) && scanner.take("..")) return range(scanner, field, spec, first);
  if (field === "at") return moment(scanner, spec, first);
  const values = [value(field, spec, first)];
  while (scanner.take(",")) {
    if (values.length === valuesMax) throw new Unreadable(`A list has at most ${valuesMax} values.`, scanner.at);
    values.push(value(field, spec, scanner.atom(ends)));
    if (spec.range && scanner.text.startsWith("..", scanner.at)) {
      throw new Unreadable("A range stands alone, not in a list. Quote the value if it has two dots.", scanner.at);
    }
  }
  return { op: "is", field, values };
}

function isRanged(field: Named): field is RangeTerm["field"] {
  return fields[field].range === true;
}

function range(scanner: Scanner, field: RangeTerm["field"], spec: FieldSpec, from: Atom): Omit<RangeTerm, "negated"> {
  const to = scanner.atom([",", ".."]);
  const open = (end: Atom) => end.text === "" && !end.quoted;
  if (open(from) && open(to)) throw new Unreadable(`A range needs an end: ${field}:${spec.example}.`, from.at);
  for (const end of [from, to]) if (!open(end)) check(field, spec, end);
  if (scanner.take(",")) throw new Unreadable("A range stands alone, not in a list.", scanner.at - 1);
  return { op: "range", field, ...(open(from) ? {} : { from: from.text }), ...(open(to) ? {} : { to: to.text }) };
}

/** A moment that stands alone is meant whole; so long before now is meant until now. */
function moment(scanner: Scanner, spec: FieldSpec, atom: Atom): Omit<RangeTerm, "negated"> {
  check("at", spec, atom);
  if (scanner.take(","))
    throw new Unreadable(`A range of time is written from..to: at:${spec.example}.`, scanner.at - 1);
  return { op: "range", field: "at", from: atom.text, ...(atom.text.startsWith("-") ? {} : { to: atom.text }) };
}

function value(field: IsTerm["field"], spec: FieldSpec, atom: Atom): Value {
  const word = special(spec, field, atom);
  if (word !== null) return { match: word, text: "" };
  const star = atom.text.indexOf("*");
  if (atom.starred && spec.prefix) return { match: "prefix", text: atom.text };
  if (!atom.quoted && star >= 0) {
    if (!spec.prefix) throw new Unreadable(`${field} takes no *. Quote the value if it has a star.`, atom.at + star);
    if (star < atom.text.length - 1) {
      throw new Unreadable("A * stands at the end of a value. Quote the value if it has a star.", atom.at + star);
    }
    return { match: "prefix", text: atom.text.slice(0, -1) };
  }
  check(field, spec, atom);
  return { match: "exact", text: atom.text };
}

/** Entries without an actor were once asked for as "unknown", and still may be. */
function special(
  spec: FieldSpec,
  field: Named,
  { text, quoted }: Atom,
): Exclude<Value["match"], "exact" | "prefix"> | null {
  const word = text.toLowerCase();
  if (quoted) return null;
  if (field === "actor" && (word === "unknown" || word === "(unknown)")) return "none";
  return spec.words?.find((one) => one === word) ?? null;
}

function check(field: Named, spec: FieldSpec, { text, quoted, at }: Atom): void {
  if (text === "" && !(quoted && spec.keyed)) {
    throw new Unreadable(`A value is missing: ${spec.keyed ? `${field}.column` : field}:${spec.example}.`, at);
  }
  if (spec.takes && !spec.takes(text))
    throw new Unreadable(`${field} cannot be ${text}. Write ${field}:${spec.example}.`, at);
}
