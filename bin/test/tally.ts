/** What one phase found. Whatever did not pass failed: a skipped test proves nothing. */
export interface Tally {
  passed: number;
  failed: number;
  /** One line for each test that failed, where the runner names it. */
  failures: readonly string[];
}

export const passedOne: Tally = { passed: 1, failed: 0, failures: [] };
export const failedOne: Tally = { passed: 0, failed: 1, failures: [] };

export function sum(tallies: Tally[]): Tally {
  return {
    passed: tallies.reduce((all, { passed }) => all + passed, 0),
    failed: tallies.reduce((all, { failed }) => all + failed, 0),
    failures: tallies.flatMap(({ failures }) => failures),
  };
}
