import { type AuditFilter, filterTerms, printQuery, type Term } from "#db/audit/contract.ts";
import { filterOf } from "#db/audit/export/filter.ts";
import { databaseNames } from "#db/audit/scope.ts";
import { Refusal } from "#db/errors.ts";

/** What an export or a stream holds, with databases by their names. A filter that can be read no longer is shown as it was typed. */
export async function queryWords(query: string): Promise<string> {
  let filter: AuditFilter;
  try {
    filter = filterOf(query);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return `The filter ${query}, which cannot be read any more.`;
  }
  const terms = filterTerms(filter);
  if (terms.length === 0) return "The whole log.";
  const ids = terms.flatMap((term) => (term.op === "is" && term.field === "database" ? term.values : []));
  const names = await databaseNames(ids.map(({ text }) => text));
  return `Entries with ${printQuery(terms.map((term) => named(term, names)))}.`;
}

function named(term: Term, names: ReadonlyMap<string, string>): Term {
  if (term.op !== "is" || term.field !== "database") return term;
  return { ...term, values: term.values.map((value) => ({ ...value, text: names.get(value.text) ?? value.text })) };
}
