import { printTerm, type Term } from "#db/audit/contract.ts";

/** The screen's answer: "Newest first, everything with action:delete and table:payments." */
export function filterSentence(terms: readonly Term[]): string {
  if (terms.length === 0) return "Every recorded change, newest first.";
  const said = terms.map(printTerm);
  const last = said.pop() ?? "";
  return `Newest first, what ${said.length > 0 ? `${said.join(", ")} and ` : ""}${last} holds for.`;
}
