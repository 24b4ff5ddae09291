"use client";
import type { QueryLanguage, Suggestion } from "#components/query/language.ts";
import {
  completionAt,
  exact,
  type FieldSpec,
  fields,
  fieldsBegun,
  parseQuery,
  printQuery,
  printTerm,
  printValue,
} from "#db/audit/query/contract.ts";

/** The log's filter for the box: terms as chips, and completion from values that are really there. */
export function auditLanguage(scope: Record<string, string>): QueryLanguage {
  return {
    read(text) {
      const parsed = parseQuery(text);
      if (!parsed.ok) return parsed;
      const once = new Map(parsed.terms.map((term) => [printTerm(term), term]));
      const terms = [...once.values()];
      const chips = terms.map((term, at) => ({
        text: printTerm({ ...term, negated: false }),
        negated: term.negated,
        without: printQuery(terms.filter((one) => one !== term)),
        turned: printQuery(terms.with(at, { ...term, negated: !term.negated })),
      }));
      return { ok: true, chips };
    },
    suggest: (text, caret, signal) => suggest(text, caret, scope, signal),
  };
}

async function suggest(
  text: string,
  caret: number,
  scope: Record<string, string>,
  signal: AbortSignal,
): Promise<Suggestion[]> {
  const at = completionAt(text, caret);
  if (at === null) return [];
  const { start, end } = at;
  if (at.what === "field") {
    const minus = at.negated ? "-" : "";
    return fieldsBegun(at.begin).map((field) => {
      const spec: FieldSpec = fields[field];
      const insert = `${minus}${field}${spec.keyed ? "." : ":"}`;
      return { insert, label: insert, note: spec.says, start, end };
    });
  }
  const asked = { field: at.field, begin: at.begin, ...scope };
  if (at.what === "key") {
    const keys = await valuesOf({ ...asked, field: "changed" }, signal);
    return keys.map(({ value, note }) => ({ insert: `${value}:`, label: value, note, start, end }));
  }
  const values = await valuesOf(at.key === null ? asked : { ...asked, key: at.key }, signal);
  const { field } = at;
  return values.map(({ value, note, word }) => {
    const printed = word || field === "at" ? value : printValue(field, exact(value));
    return { insert: printed, label: value, note, start, end };
  });
}

interface Offered {
  value: string;
  note?: string;
  /** Stands for something, and is not a value itself. */
  word?: boolean;
}

/** Completion is a courtesy: without an answer there is none. */
async function valuesOf(asked: Record<string, string>, signal: AbortSignal): Promise<Offered[]> {
  try {
    const response = await fetch(`/api/audit/values?${new URLSearchParams(asked)}`, { signal });
    if (!response.ok) return [];
    const answer: { values: Offered[] } = await response.json();
    return answer.values;
  } catch {
    return [];
  }
}
