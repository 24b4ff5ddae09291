/** What one kind of work came to, killed at every point. All but `points` must be 0. */
export interface Tally {
  /** How often a process was killed. */
  points: number;
  /** Entries that should have been in the outcome and were not. */
  lost: number;
  /** Entries that were in the outcome more than once. */
  duplicate: number;
  /** Outcomes that their own check called whole and that were not. */
  falseWhole: number;
}

export interface ScenarioContext {
  /** A superuser's URL of a throwaway server. The scenario makes and drops databases of its own on it. */
  server: URL;
  /** How often to kill. */
  points: number;
  /** For `random()` of bench/faults/random.ts. */
  seed: number;
}

/** Each other file bench/faults/audit/NAME.ts exports one as `scenario`. */
export interface Scenario {
  name: string;
  run(context: ScenarioContext): Promise<Tally>;
}
