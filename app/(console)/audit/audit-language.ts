"use client";
import type { QueryLanguage, Suggested } from "#components/query/language.ts";
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
): Promise<Suggested> {
  const at = completionAt(text, caret);
  if (at === null) return { list: [] };
  const { start, end } = at;
  if (at.what === "field") {
    const minus = at.negated ? "-" : "";
    const list = fieldsBegun(at.begin).map((field) => {
      const spec: FieldSpec = fields[field];
      const insert = `${minus}${field}${spec.keyed ? "." : ":"}`;
      return { insert, label: insert, note: spec.says, start, end };
    });
    return { list };
  }
  const asked = { field: at.field, begin: at.begin, ...scope };
  if (at.what === "key") {
    const { values, silent } = await valuesOf({ ...asked, field: "changed" }, signal);
    const list = values.map(({ value, note }) => ({ insert: `${value}:`, label: value, note, start, end }));
    return { list, ...missing(silent) };
  }
  const { values, silent } = await valuesOf(at.key === null ? asked : { ...asked, key: at.key }, signal);
  const { field } = at;
  const list = values.map(({ value, note, word }) => {
    const printed = word || field === "at" ? value : printValue(field, exact(value));
    return { insert: printed, label: value, note, start, end };
  });
  return { list, ...missing(silent) };
}

function missing(silent: readonly string[]): { missing?: string } {
  if (silent.length === 0) return {};
  return { missing: `Without what ${silent.join(", ")} ${silent.length === 1 ? "has" : "have"}: no answer in time.` };
}

interface Offered {
  value: string;
  note?: string;
  /** Stands for something, and is not a value itself. */
  word?: boolean;
}

interface Offer {
  values: Offered[];
  /** Databases that did not answer. */
  silent: string[];
}

const nothing: Offer = { values: [], silent: [] };

/** Completion is a courtesy: without an answer there is none. */
async function valuesOf(asked: Record<string, string>, signal: AbortSignal): Promise<Offer> {
  try {
    const response = await fetch(`/api/audit/values?${new URLSearchParams(asked)}`, { signal });
    return response.ok ? await response.json() : nothing;
  } catch {
    return nothing;
  }
}
