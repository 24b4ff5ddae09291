import { type AuditFilter, filterTerms, printQuery } from "#db/audit/contract.ts";
import { filterOf } from "#db/audit/export/filter.ts";
import { Refusal } from "#db/errors.ts";

/** What an export or a stream holds. A filter that can be read no longer is shown as it was typed. */
export function queryWords(query: string): string {
  let filter: AuditFilter;
  try {
    filter = filterOf(query);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return `The filter ${query}, which cannot be read any more.`;
  }
  const terms = filterTerms(filter);
  return terms.length === 0 ? "The whole log." : `Entries with ${printQuery(terms)}.`;
}
