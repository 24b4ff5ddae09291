import { filterTerms, printQuery } from "#db/audit/contract.ts";
import { filterOf } from "#db/audit/export/filter.ts";
import { Refusal } from "#db/errors.ts";

/** A stream's filter in the language, its scope among it; one that cannot be read as it was typed. */
export function filterText(query: string): string {
  try {
    return printQuery(filterTerms(filterOf(query)));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return new URLSearchParams(query).get("q") ?? "";
  }
}
