import { isMoment } from "./moments.ts";
import { parseQuery } from "./parse.ts";
import { printQuery } from "./print.ts";
import { is, type Term } from "./terms.ts";

// Filters by one param a field, as links and saved views wrote them before the language: action=create,delete&from=-30d.

/** What `actor` is when entries without a known actor are meant. */
export const unknownActor = "(unknown)";

export interface NamedFilter {
  actor?: string;
  /** Any of them. */
  action?: readonly string[];
  schema?: string;
  table?: string;
  record?: string;
  from?: string;
  to?: string;
  request?: string;
  transaction?: string;
  text?: string;
}

const single = [
  ["actor", "actor"],
  ["schema", "schema"],
  ["table", "table"],
  ["record", "record"],
  ["request", "request"],
  ["transaction", "tx"],
] as const;

/** A filter by named fields as terms. */
export function termsOf({ action, from, to, text, ...rest }: NamedFilter): Term[] {
  const terms: Term[] = action === undefined || action.length === 0 ? [] : [is("action", ...action)];
  for (const [name, field] of single) {
    const value = rest[name];
    if (value === undefined) continue;
    const unknown = name === "actor" && value === unknownActor;
    terms.push(unknown ? { op: "is", field, negated: false, values: [{ match: "none", text: "" }] } : is(field, value));
  }
  if (from !== undefined || to !== undefined) {
    const ends = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    terms.push({ op: "range", field: "at", negated: false, ...ends });
  }
  if (text !== undefined) terms.push({ op: "text", field: "text", negated: false, text });
  return terms;
}

/** The terms of such params. One that does not make sense is left out and named. */
export function namedTerms(params: Record<string, unknown>): { terms: Term[]; dropped: string[] } {
  const terms: Term[] = [];
  const dropped: string[] = [];
  const take = (name: string, filter: NamedFilter, fine: boolean) => {
    const own = termsOf(filter);
    if (fine && parseQuery(printQuery(own)).ok) terms.push(...own);
    else dropped.push(name);
  };
  const action = [params.action].flat().flatMap((value) => (typeof value === "string" ? value.split(",") : []));
  const actions = action.filter(Boolean);
  if (actions.length > 0) take("action", { action: actions }, true);
  for (const name of [...single.map(([name]) => name), "text" as const]) {
    const value = textOf(params[name]);
    if (value !== null) take(name, { [name]: value }, true);
  }
  const ends = [textOf(params.from), textOf(params.to)].map((end) => (end !== null && isMoment(end) ? end : undefined));
  for (const [at, name] of (["from", "to"] as const).entries()) {
    if (textOf(params[name]) !== null && ends[at] === undefined) dropped.push(name);
  }
  const [from, to] = ends;
  terms.push(...termsOf({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }));
  return { terms, dropped };
}

function textOf(value: unknown): string | null {
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return typeof one === "string" && one.trim() !== "" ? one.trim() : null;
}
