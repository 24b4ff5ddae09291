import type { Place } from "#db/audit/proof/bundle.ts";
import { hashBytes } from "#db/audit/proof/sha.ts";

/** What became of a place: its entry was not seen, was seen, or was erased and has only its leaf. */
export const awaited = 0;
export const seen = 1;
export const erased = 2;

const empty = -1;

/**
 * The entries that a proof speaks of, found by id. Flat arrays: millions of them must fit. `values` holds an entry's salt until it
 * was seen, then its leaf.
 */
export class EntryPlaces {
  readonly count: number;
  readonly indexes: Float64Array;
  readonly values: Buffer;
  readonly states: Uint8Array;
  readonly marks: Uint32Array;
  readonly #high: Float64Array;
  readonly #low: Uint32Array;
  readonly #slots: Int32Array;

  constructor(places: readonly Place[][]) {
    this.count = places.reduce((sum, list) => sum + list.length, 0);
    this.indexes = new Float64Array(this.count);
    this.values = Buffer.alloc(this.count * hashBytes);
    this.states = new Uint8Array(this.count);
    this.marks = new Uint32Array(this.count);
    this.#high = new Float64Array(this.count);
    this.#low = new Uint32Array(this.count);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(this.count * 2 + 2))).fill(empty);
    let at = 0;
    for (const list of places) for (const place of list) this.#add(place, at++);
  }

  #add({ index, id, salt, leaf, mark }: Place, at: number): void {
    const before = at === 0 ? -1 : (this.indexes[at - 1] ?? -1);
    if (index <= before) throw new Error("The proof's tiles are not in the order of the tree.");
    const digits = String(id);
    this.indexes[at] = index;
    this.marks[at] = mark;
    this.states[at] = leaf ? erased : awaited;
    (leaf ?? salt).copy(this.values, at * hashBytes);
    this.#high[at] = highOf(digits);
    this.#low[at] = lowOf(digits);
    this.#slots[this.#slotOf(digits)] = at;
  }

  /** The position of an entry; undefined when the proof does not speak of it. */
  find(digits: string): number | undefined {
    const at = this.#slots[this.#slotOf(digits)] ?? empty;
    return at === empty ? undefined : at;
  }

  idAt(at: number): string {
    const high = this.#high[at] ?? 0;
    const low = String(this.#low[at] ?? 0);
    return high === 0 ? low : `${high}${low.padStart(9, "0")}`;
  }

  #slotOf(digits: string): number {
    const [high, low] = [highOf(digits), lowOf(digits)];
    const mask = this.#slots.length - 1;
    let slot = (Math.imul(low ^ Math.imul(high | 0, 40_503), 2_654_435_761) >>> 7) & mask;
    for (;;) {
      const at = this.#slots[slot] ?? empty;
      if (at === empty || (this.#low[at] === low && this.#high[at] === high)) return slot;
      slot = (slot + 1) & mask;
    }
  }
}

function highOf(digits: string): number {
  return Number(digits.slice(0, -9));
}

function lowOf(digits: string): number {
  return Number(digits.slice(-9));
}
