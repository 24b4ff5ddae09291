import { markBytes, type TilePart } from "#db/audit/proof/bundle.ts";
import { idInto } from "#db/audit/proof/id-bytes.ts";
import { tileWidth } from "#db/audit/proof/salts.ts";
import { hashBytes } from "#db/audit/proof/sha.ts";
import { ErasedList } from "#db/audit/proof/statement.ts";

/** What became of a place: whether its entry was seen, and whether it was erased and has only its leaf. */
const awaited = 0;
export const seen = 1;
export const erased = 2;
export const erasedSeen = seen | erased;

const empty = -1;
const asked = Buffer.alloc(8);

/**
 * The entries that a proof speaks of, found by id. Flat arrays: millions of them must fit. `values` holds an entry's salt until it
 * was seen, then its leaf.
 */
export class EntryPlaces {
  count = 0;
  readonly values: Buffer;
  readonly states: Uint8Array;
  readonly marks: Uint32Array;
  readonly #indexes: Float64Array;
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  #slots: Int32Array | null = null;
  #next = 0;

  /** Room for so many entries. What is never used is never touched, and takes no memory. */
  constructor(most: number) {
    this.values = Buffer.alloc(most * hashBytes);
    this.states = new Uint8Array(most);
    this.marks = new Uint32Array(most);
    this.#indexes = new Float64Array(most);
    this.#high = new Uint32Array(most);
    this.#low = new Uint32Array(most);
  }

  /** Takes in the parts of one tile, in the order of the tree. @throws Error when they are in another. */
  addTile(parts: readonly TilePart[]): void {
    const [only, ...others] = parts;
    if (only && others.length === 0) {
      for (let at = 0; at < only.places.length; at++) this.#add(only, at);
      return;
    }
    const entries = parts.flatMap((part) => part.places.map((place, at) => ({ place, part, at })));
    for (const { part, at } of entries.toSorted((one, other) => one.place - other.place)) this.#add(part, at);
  }

  #add({ tile, places, ids, values, isErased, marks }: TilePart, from: number): void {
    const at = this.count;
    const index = tile * tileWidth + (places[from] ?? 0);
    if (at > 0 && index <= (this.#indexes[at - 1] ?? 0))
      throw new Error("The proof's tiles are not in the order of the tree.");
    this.#indexes[at] = index;
    this.#high[at] = ids.readUInt32BE(from * 8);
    this.#low[at] = ids.readUInt32BE(from * 8 + 4);
    this.states[at] = isErased ? erased : awaited;
    this.marks[at] = isErased ? 0 : marks.readUInt32BE(from * markBytes);
    values.copy(this.values, at * hashBytes, from * hashBytes, (from + 1) * hashBytes);
    this.count += 1;
  }

  /** Where in the tree each entry is. */
  get indexes(): Float64Array {
    return this.#indexes.subarray(0, this.count);
  }

  /** The first place whose entry was not seen; undefined when all were. */
  get missing(): number | undefined {
    const unseen = [awaited, erased].map((state) => this.states.subarray(0, this.count).indexOf(state));
    const places = unseen.filter((at) => at >= 0);
    return places.length === 0 ? undefined : Math.min(...places);
  }

  /** To be held against what the console signed. */
  erasedList(): ErasedList {
    const list = new ErasedList();
    const id = Buffer.alloc(8);
    for (let at = 0; at < this.count; at++) {
      if (((this.states[at] ?? awaited) & erased) === 0) continue;
      id.writeUInt32BE(this.#high[at] ?? 0, 0);
      id.writeUInt32BE(this.#low[at] ?? 0, 4);
      list.add(this.#indexes[at] ?? 0, id, this.values.subarray(at * hashBytes, (at + 1) * hashBytes));
    }
    return list;
  }

  /** The position of the entry whose id's digits begin at `from`; undefined when the proof does not speak of it. */
  find(digits: Buffer, from: number): number | undefined {
    idInto(asked, 0, digits, from);
    const [high, low] = [asked.readUInt32BE(0), asked.readUInt32BE(4)];
    // Entries stand in an export nearly as in the tree: the next one is mostly the one that is asked for next.
    const at = this.#isAt(this.#next, high, low) ? this.#next : this.#lookUp(high, low);
    if (at !== undefined) this.#next = at + 1;
    return at;
  }

  #isAt(at: number, high: number, low: number): boolean {
    return at < this.count && this.#low[at] === low && this.#high[at] === high;
  }

  #lookUp(high: number, low: number): number | undefined {
    this.#slots ??= this.#indexed();
    const at = this.#slots[this.#slotOf(this.#slots, high, low)] ?? empty;
    return at === empty ? undefined : at;
  }

  idAt(at: number): string {
    return String((BigInt(this.#high[at] ?? 0) << 32n) | BigInt(this.#low[at] ?? 0));
  }

  #indexed(): Int32Array {
    const slots = new Int32Array(2 ** Math.ceil(Math.log2(this.count * 2 + 2))).fill(empty);
    for (let at = 0; at < this.count; at++) slots[this.#slotOf(slots, this.#high[at] ?? 0, this.#low[at] ?? 0)] = at;
    return slots;
  }

  #slotOf(slots: Int32Array, high: number, low: number): number {
    const mask = slots.length - 1;
    let slot = (Math.imul(low ^ Math.imul(high, 40_503), 2_654_435_761) >>> 7) & mask;
    for (;;) {
      const at = slots[slot] ?? empty;
      if (at === empty || this.#isAt(at, high, low)) return slot;
      slot = (slot + 1) & mask;
    }
  }
}
