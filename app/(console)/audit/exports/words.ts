import { type AuditFilter, filterTerms } from "#db/audit/contract.ts";
import { filterOf } from "#db/audit/export/filter.ts";
import { Refusal } from "#db/errors.ts";
import { filterSentence } from "../filter-words.ts";

/** The filter of an export or a stream in words. One that can be read no longer is shown as it was typed. */
export function queryWords(query: string): string {
  let filter: AuditFilter;
  try {
    filter = filterOf(query);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return `The filter ${query}, which cannot be read any more.`;
  }
  return filterSentence(filterTerms(filter));
}
