import type { CoverageState, CoveredTable } from "./contract.ts";

const troubles: Partial<Record<CoverageState, [one: string, many: string]>> = {
  off: ["has its triggers switched off or missing", "have their triggers switched off or missing"],
  missing: ["is to be audited and is not yet", "are to be audited and are not yet"],
  new: ["is new and undecided", "are new and undecided"],
  drifted: ["is recorded by code that is out of date", "are recorded by code that is out of date"],
};

/** "Every write to 12 of 14 tables is recorded; 1 has its triggers switched off or missing; 3 columns are unclassified." */
export function coverageSentence(tables: readonly CoveredTable[]): string {
  const recorded = tables.filter(({ state }) => state === "recorded" || state === "drifted").length;
  const parts = [
    `Every write to ${recorded} of ${tables.length} ${tables.length === 1 ? "table" : "tables"} is recorded`,
  ];
  for (const [state, [one, many]] of Object.entries(troubles)) {
    const count = tables.filter((table) => table.state === state).length;
    if (count > 0) parts.push(`${count} ${count === 1 ? one : many}`);
  }
  const columns = unclassifiedCount(tables);
  if (columns > 0) parts.push(`of ${columns} ${columns === 1 ? "column" : "columns"} nobody has said what they hold`);
  return `${parts.join("; ")}.`;
}

export function unclassifiedCount(tables: readonly CoveredTable[]): number {
  return tables.reduce((sum, table) => sum + table.unclassified.length, 0);
}

/** Tables whose writes may escape the log, or will once they change again. */
export function troubled(tables: readonly CoveredTable[]): CoveredTable[] {
  return tables.filter(({ state }) => state in troubles);
}
