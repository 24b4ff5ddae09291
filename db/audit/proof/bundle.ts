// A proof file lies beside a lossless export: one JSON value a line. It ties the export's entries to a signed checkpoint.
//   {"proof":1,"database":…,"checkpoint":…,"earlier":[{"note":…,"path":[…]}]}   begins the part of one database
//   {"tile":n,"seed":…,"ids":…,"marks":…}             a tile that the export holds whole: all salts follow from the seed
//   {"tile":n,"places":[…],"salts":…,"ids":…,"marks":…}  the entries of a tile that the export holds, each with its salt
//   {"tile":n,"erased":[…],"leaves":…,"ids":…}     entries whose values were erased: their leaves themselves
//   {"hashes":…}                                   roots of the subtrees between them, in the order of the tree
//   {"statement":…}                                what the console signed about this part (statement.ts)
//   {"end":{"entries":…,"erased":…,"first":…,"last":…}}
// Bytes are base64; ids are 8 bytes each, big-endian; hashes and salts 32; marks 4, the first of each leaf: they only name the
// entry that fails, and nothing is believed because of them.
import { saltsOf, tileWidth } from "./salts.ts";
import { hashBytes, nodeInto } from "./sha.ts";
import { rootOfHashes, split } from "./tree.ts";

export interface BundleHead {
  proof: 1;
  database: string;
  checkpoint: string;
  earlier: { note: string; path: string[] }[];
}

export type BundleTile =
  | { tile: number; seed: string; ids: string; marks: string }
  | { tile: number; places: number[]; salts: string; ids: string; marks: string }
  | { tile: number; erased: number[]; leaves: string; ids: string };

export interface BundleEnd {
  end: { entries: number; erased: number; first: number | null; last: number | null };
}

export type BundleLine = BundleHead | BundleTile | { hashes: string } | { statement: string } | BundleEnd;

/** What a tile's line says of entries that the export must hold: of each its place in the tile, and what is packed in that order. */
export interface TilePart {
  tile: number;
  places: readonly number[];
  ids: Buffer;
  /** The entries' salts; of erased entries their leaves, which nobody can recompute. */
  values: Buffer;
  isErased: boolean;
  /** The first bytes of each leaf. */
  marks: Buffer;
}

export const markBytes = 4;

const everyPlace = Array.from({ length: tileWidth }, (_, place) => place);

/** @throws Error when the line's parts do not fit together. */
export function tilePart(line: BundleTile): TilePart {
  const { tile } = line;
  const ids = Buffer.from(line.ids, "base64");
  const isErased = "erased" in line;
  const places = isErased ? line.erased : "places" in line ? line.places : everyPlace.slice(0, ids.length / 8);
  const values =
    "seed" in line
      ? saltsOf({ seed: Buffer.from(line.seed, "base64"), spelt: null })
      : Buffer.from(isErased ? line.leaves : line.salts, "base64");
  const marks = Buffer.from(isErased ? "" : line.marks, "base64");
  const fits =
    ids.length === places.length * 8 &&
    ("seed" in line || values.length === places.length * hashBytes) &&
    (isErased || marks.length === places.length * markBytes);
  if (!fits) throw new Error(`Tile ${tile} of the proof is cut short.`);
  const strange = places.find((place) => !Number.isInteger(place) || place < 0 || place >= tileWidth);
  if (strange !== undefined) throw new Error(`Tile ${tile} has no place ${strange}.`);
  return { tile, places, ids, values, isErased, marks };
}

/**
 * The parts of a tree of `size` leaves that a proof of the leaves at `indexes` (sorted) must bring along, from left to right.
 */
export function* missingRanges(indexes: Float64Array, size: number): Generator<[from: number, to: number]> {
  yield* walkRanges(indexes, 0, indexes.length, 0, size);
}

function* walkRanges(
  indexes: Float64Array,
  first: number,
  end: number,
  from: number,
  to: number,
): Generator<[from: number, to: number]> {
  if (first === end) yield [from, to];
  if (first === end || end - first === to - from) return;
  const middle = from + split(to - from);
  const border = lowerBound(indexes, first, end, middle);
  yield* walkRanges(indexes, first, border, from, middle);
  yield* walkRanges(indexes, border, end, middle, to);
}

/** The root that leaves (side by side, sorted by index) and the brought hashes make; null when the hashes do not fit. */
export function rootOfProof(indexes: Float64Array, leaves: Buffer, hashes: Buffer, size: number): Buffer | null {
  let taken = 0;
  const levels: Buffer[] = [];
  const result = Buffer.alloc(hashBytes);

  function walk(first: number, end: number, from: number, to: number, depth: number, target: Buffer, at: number): void {
    if (first === end) {
      hashes.copy(target, at, taken * hashBytes, (taken + 1) * hashBytes);
      taken += 1;
      return;
    }
    if (end - first === to - from && to - from <= tileWidth) {
      rootOfHashes(leaves, first, end).copy(target, at);
      return;
    }
    const pair = levels[depth] ?? Buffer.alloc(2 * hashBytes);
    levels[depth] = pair;
    const middle = from + split(to - from);
    const border = end - first === to - from ? first + middle - from : lowerBound(indexes, first, end, middle);
    walk(first, border, from, middle, depth + 1, pair, 0);
    walk(border, end, middle, to, depth + 1, pair, hashBytes);
    nodeInto(target, at, pair, 0);
  }

  walk(0, indexes.length, 0, size, 0, result, 0);
  return taken * hashBytes === hashes.length ? result : null;
}

function lowerBound(indexes: Float64Array, first: number, end: number, value: number): number {
  let [low, high] = [first, end];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((indexes[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
