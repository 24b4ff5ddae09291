// A filter of the log, parsed. Text, chips, SQL over the log and SQL over archived months are four views of these terms.

/** What a term may ask about, in the order of the documentation. */
export const fieldNames = [
  "action",
  "table",
  "schema",
  "record",
  "actor",
  "tenant",
  "database",
  "at",
  "changed",
  "old",
  "new",
  "value",
  "ip",
  "request",
  "tx",
  "reason",
  "agent",
  "role",
  "app",
  "impersonator",
  "apikey",
  "text",
] as const;

export type Field = (typeof fieldNames)[number];

/**
 * One value of a list. `exact` is the whole value; `prefix` what it begins with (all that is there when empty); `none` where
 * the entry has nothing; `null` a JSON null; `system` the console itself. The last three have no text.
 */
export interface Value {
  match: "exact" | "prefix" | "none" | "null" | "system";
  text: string;
}

interface Base {
  /** Everything but what the term says, entries without any value among it. */
  negated: boolean;
}

/** Any of the values. `key` is the column that old., new. speak of. */
export interface IsTerm extends Base {
  op: "is";
  field: Exclude<Field, "at" | "text">;
  key?: string;
  values: Value[];
}

/**
 * Between two ends, either may be open. For `at` they are moments as typed (see moments.ts); for `old`, `new` numbers or text,
 * for `ip` addresses, both ends included.
 */
export interface RangeTerm extends Base {
  op: "range";
  field: "at" | "old" | "new" | "ip";
  key?: string;
  from?: string;
  to?: string;
}

/** Free text: any id, name or e-mail that it is the whole of. */
export interface TextTerm extends Base {
  op: "text";
  field: "text";
  text: string;
  /** Once it is asked of a database: the ids of the actors, and the keys of the tenants, that the text names there. */
  actors?: string[];
  tenants?: string[];
}

/** All terms of a filter hold at once. */
export type Term = IsTerm | RangeTerm | TextTerm;

/** `at` is the character, counted from 0, at which the text stops making sense. */
export type Parsed = { ok: true; terms: Term[] } | { ok: false; message: string; at: number };

export function exact(text: string): Value {
  return { match: "exact", text };
}

/** A term that asks for whole values. */
export function is(field: IsTerm["field"], ...texts: string[]): IsTerm {
  return { op: "is", field, negated: false, values: texts.map(exact) };
}
