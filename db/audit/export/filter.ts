import { Refusal } from "../../errors.ts";
import { type AuditFilter, readFilter } from "../contract.ts";

/**
 * The filter that an export or a stream was asked for, from the audit page's search params. What cannot be read is refused: left
 * out, it would make the export hold more than it says.
 */
export function filterOf(query: string): AuditFilter {
  const { filter, dropped, problem } = readFilter(paramsOf(query));
  if (problem) {
    throw new Refusal("invalid", `The filter cannot be read at character ${problem.at + 1}: ${problem.message}`, {
      fix: "Correct the filter on the audit page.",
    });
  }
  if (dropped.length > 0) {
    throw new Refusal("invalid", `The filter cannot be read: ${dropped.join(", ")}.`, {
      fix: "Set the filter again on the audit page.",
    });
  }
  return filter;
}

function paramsOf(query: string): Record<string, string[]> {
  const params = new URLSearchParams(query);
  return Object.fromEntries([...new Set(params.keys())].map((name) => [name, params.getAll(name)]));
}
