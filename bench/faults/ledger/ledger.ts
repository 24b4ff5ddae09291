/** What the application was told to be written, row by row. A row belongs to one writer, so that the order of its writes is known. */
export class Ledger {
  /** By a label that a row keeps for life; null for one that was deleted. */
  private readonly rows = new Map<string, string | null>();
  acknowledged = 0;
  /** The longest time without an acknowledgement while the application wrote. */
  longestGapMs = 0;
  private lastAt: number | null = null;
  /** Transactions of which it is not known whether they committed: either state of their rows is right. */
  private readonly doubtful = new Map<string, (string | null)[]>();

  begin(): void {
    this.lastAt = performance.now();
  }

  /** One transaction's rows, at the moment at which its COMMIT was answered. */
  acknowledge(changes: ReadonlyMap<string, string | null>): void {
    for (const [label, state] of changes) this.rows.set(label, state);
    this.acknowledged += 1;
    const now = performance.now();
    this.longestGapMs = Math.max(this.longestGapMs, now - (this.lastAt ?? now));
    this.lastAt = now;
  }

  /** One transaction whose COMMIT was not answered. */
  doubt(changes: ReadonlyMap<string, string | null>): void {
    for (const [label, state] of changes) {
      const before = this.doubtful.get(label) ?? [this.rows.get(label) ?? null];
      this.doubtful.set(label, [...before, state]);
    }
  }

  /** Compares with what the place holds at which the tenant is in the end. */
  compare(found: ReadonlyMap<string, string>): {
    lost: number;
    changed: number;
    resurrected: number;
    examples: string[];
  } {
    const tally = { lost: 0, changed: 0, resurrected: 0, examples: [] as string[] };
    for (const label of new Set([...this.rows.keys(), ...this.doubtful.keys(), ...found.keys()])) {
      const right = this.doubtful.get(label) ?? [this.rows.get(label) ?? null];
      const now = found.get(label) ?? null;
      if (right.includes(now)) continue;
      const what = now === null ? "lost" : right.includes(null) && right.length === 1 ? "resurrected" : "changed";
      tally[what] += 1;
      tally.examples.push(`${label} is ${what}: ${now} instead of ${right.join(" or ")}`);
    }
    return tally;
  }
}
