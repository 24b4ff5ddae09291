import type { Mortal } from "../server.ts";
import type { Tap } from "../tap.ts";

export const victims = ["web", "worker", "database"] as const;
export type Victim = (typeof victims)[number];

/** What a look at the outcome found. All must be 0. */
export interface Found {
  /** Entries, or acts that somebody was told of, that should have been there and were not. */
  lost: number;
  /** Entries that were there more than once, and acts that were there although their caller was told that they had failed. */
  duplicate: number;
  /** Outcomes that their own check called whole and that were not, and acts that were there in part. */
  falseWhole: number;
}

/** What one kind of work came to, killed at every step. */
export interface Tally extends Found {
  /** How often each process was killed. */
  points: Partial<Record<Victim, number>>;
  /** Jobs that gave up rather than go on. */
  givenUp: number;
  /** Different statements of the work, and at how many of them something was killed. */
  statements: number;
  struck: number;
}

export interface Ground {
  server: Mortal;
  /** The only way to PostgreSQL that the victims know. */
  tap: Tap;
  chance: () => number;
}

/** Each scenario makes databases of its own. `points` is how often to kill. */
export interface Scenario {
  name: string;
  run(ground: Ground, points: number): Promise<Tally>;
}

export const nothing: Found = { lost: 0, duplicate: 0, falseWhole: 0 };

export function add(tally: Found, found: Found): void {
  tally.lost += found.lost;
  tally.duplicate += found.duplicate;
  tally.falseWhole += found.falseWhole;
}
