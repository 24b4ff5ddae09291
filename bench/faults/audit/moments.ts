import type { Passed, Side } from "../tap.ts";

/** Where to strike: at which statement, and on which side of it. */
export interface Moment {
  /** Counted in the whole work as it went when nobody disturbed it. */
  place: number;
  shape: string;
  /** Of the statements of this shape from the moment before on, or from the beginning. */
  occurrence: number;
  side: Side;
  laterMs: number;
}

const sides: readonly Side[] = ["before", "during", "after", "later"];

/** A gap shorter than this holds no work of the process itself. */
const gapMsMin = 2;

/** Moments spread over every statement of a piece of work: those that were struck, or waited for in vain, least come first. */
export class Moments {
  private readonly usual: readonly (Passed & { shape: string })[];
  private readonly hits: number[];
  private readonly misses: number[];
  private readonly chance: () => number;

  constructor(passed: readonly Passed[], chance: () => number) {
    this.usual = passed.map((one) => ({ ...one, shape: shapeOf(one.statement) }));
    this.hits = passed.map(() => 0);
    this.misses = passed.map(() => 0);
    this.chance = chance;
  }

  /** So many moments in the order in which the work comes to them. */
  next(count: number): Moment[] {
    const order = this.hits.map((hits, place) => ({ place, rank: hits + (this.misses[place] ?? 0) + this.chance() }));
    const chosen = order
      .toSorted((one, other) => one.rank - other.rank)
      .slice(0, count)
      .map(({ place }) => place)
      .toSorted((one, other) => one - other);
    return chosen.map((place, at) => this.moment(place, chosen[at - 1] ?? -1));
  }

  hit({ place }: Moment): void {
    this.hits[place] = (this.hits[place] ?? 0) + 1;
  }

  /** The work came to its end without it: not every statement comes each time. */
  missed({ place }: Moment): void {
    this.misses[place] = (this.misses[place] ?? 0) + 1;
  }

  get counts(): { statements: number; struck: number } {
    return { statements: this.hits.length, struck: this.hits.filter((hits) => hits > 0).length };
  }

  private moment(place: number, before: number): Moment {
    const shape = this.usual[place]?.shape ?? "";
    const occurrence = this.usual.slice(before + 1, place + 1).filter((one) => one.shape === shape).length;
    const gapMs = (this.usual[place + 1]?.at ?? 0) - (this.usual[place]?.at ?? 0);
    const offered = gapMs >= gapMsMin ? sides : sides.slice(0, 3);
    const side = offered[Math.floor(this.chance() * offered.length)] ?? "before";
    return { place, shape, occurrence, side, laterMs: Math.max(0, gapMs) * this.chance() };
  }
}

/** Recognises a moment's statement among those that pass from now on. */
export function recognise({ shape, occurrence }: Moment): (statement: string) => boolean {
  let left = occurrence;
  return (statement) => shapeOf(statement) === shape && --left === 0;
}

/** The same statement with other values in it has the same shape. */
function shapeOf(statement: string): string {
  return statement
    .replaceAll(/'[^']*'|\d+/g, "?")
    .replaceAll(/\s+/g, " ")
    .slice(0, 200);
}

/** Looking for work is no part of the work. */
export function isPoll(statement: string): boolean {
  return /^SELECT 1 FROM jobs\s+WHERE kind = ANY/.test(statement);
}
