import { printTerm, type Term } from "#db/audit/contract.ts";

/** The screen's answer: "Newest first, only action:delete and table:payments, without actor:system." */
export function filterSentence(terms: readonly Term[]): string {
  if (terms.length === 0) return "Every recorded change, newest first.";
  const said = (negated: boolean) =>
    terms.filter((term) => term.negated === negated).map((term) => printTerm({ ...term, negated: false }));
  const parts = [words("only", " and ", said(false)), words("without", " or ", said(true))].filter(Boolean);
  return `Newest first, ${parts.join(", ")}.`;
}

function words(lead: string, join: string, said: string[]): string {
  const last = said.pop();
  if (last === undefined) return "";
  return `${lead} ${said.length > 0 ? `${said.join(", ")}${join}` : ""}${last}`;
}
