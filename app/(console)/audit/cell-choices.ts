import type { CellChoice } from "#components/query/cell-filter.tsx";
import { parseQuery, printQuery, printTerm, type Term } from "#db/audit/query/contract.ts";

/** Gives the addresses of the log with one more term; `kept` is what the address holds beside the query. */
export function choicesFor(q: string, kept: string): (term: Term | null) => CellChoice | null {
  const parsed = parseQuery(q);
  const terms = parsed.ok ? parsed.terms : [];
  const href = (term: Term) => {
    const said = printTerm({ ...term, negated: false });
    const rest = terms.filter((one) => printTerm({ ...one, negated: false }) !== said);
    const params = new URLSearchParams(kept);
    params.set("q", printQuery([...rest, term]));
    return `/audit?${params}`;
  };
  return (term) => term && { term: printTerm(term), include: href(term), exclude: href({ ...term, negated: true }) };
}
