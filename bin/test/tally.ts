/** What one phase found. Whatever did not pass failed: a skipped test proves nothing. */
export interface Tally {
  passed: number;
  failed: number;
}

export const passedOne: Tally = { passed: 1, failed: 0 };
export const failedOne: Tally = { passed: 0, failed: 1 };

export function sum(tallies: Tally[]): Tally {
  return tallies.reduce((all, { passed, failed }) => ({ passed: all.passed + passed, failed: all.failed + failed }), {
    passed: 0,
    failed: 0,
  });
}
