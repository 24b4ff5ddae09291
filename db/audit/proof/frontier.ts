import { idInto } from "./id-bytes.ts";
import { newSeed, type Salts, saltsOf, tileWidth } from "./salts.ts";
import { emptyRoot, hashBytes, leafInto } from "./sha.ts";
import { rootOfHashes } from "./tree.ts";

/** A tile as it is stored; the last of its level holds fewer than 256 hashes. */
export interface Tile {
  level: number;
  index: number;
  hashes: Buffer;
  /** Of level 0 only: the entries' ids, 8 bytes each, and their salts. */
  ids: Buffer | null;
  salts: Salts | null;
}

interface OpenTile {
  index: number;
  width: number;
  hashes: Buffer;
  dirty: boolean;
}

/** The right edge of a tree, to which leaves are appended. It keeps in memory one tile a level and what was not taken yet. */
export class Frontier {
  #size: number;
  readonly #open: OpenTile[] = [];
  #ids = Buffer.alloc(8 * tileWidth);
  #salts: Salts = { seed: newSeed(), spelt: null };
  #spelt: Buffer;
  #full: Tile[] = [];

  /** `edge` are the stored partial tiles of a tree of `size` leaves. */
  constructor(size: number, edge: readonly Tile[]) {
    this.#size = size;
    for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / tileWidth)) {
      const width = count % tileWidth;
      const index = Math.floor(count / tileWidth);
      const stored = edge.find((tile) => tile.level === level && tile.index === index);
      if (width > 0 && stored?.hashes.length !== width * hashBytes)
        throw new Error(`The tree's last tile of level ${level} is not there whole.`);
      const open = this.#openAt(level, index);
      open.width = width;
      stored?.hashes.copy(open.hashes);
      if (level > 0 || !stored) continue;
      stored.ids?.copy(this.#ids);
      if (stored.salts) this.#salts = stored.salts;
    }
    this.#spelt = saltsOf(this.#salts);
  }

  get size(): number {
    return this.#size;
  }

  /** Appends the canonical row in [from, to), which begins with the entry's id. */
  append(row: Buffer, from: number, to: number): void {
    const tile = this.#openAt(0, 0);
    const place = tile.width;
    leafInto(tile.hashes, place * hashBytes, { bytes: this.#spelt, at: place * hashBytes }, row, from, to);
    idInto(this.#ids, place * 8, row, from);
    this.#size += 1;
    this.#grow(0);
  }

  /** Every tile that is new or fuller than when it was taken last. */
  take(): Tile[] {
    const partial = this.#open.flatMap((tile, level) => (tile.dirty && tile.width > 0 ? [this.#stored(level)] : []));
    const taken = [...this.#full, ...partial];
    this.#full = [];
    for (const tile of this.#open) tile.dirty = false;
    return taken;
  }

  root(): Buffer {
    let below: Buffer | null = null;
    for (const { hashes, width } of this.#open) {
      if (below) below.copy(hashes, width * hashBytes);
      const count = width + (below ? 1 : 0);
      if (count > 0) below = rootOfHashes(hashes, 0, count);
    }
    return below ?? emptyRoot;
  }

  #openAt(level: number, index: number): OpenTile {
    const tile = this.#open[level] ?? { index, width: 0, hashes: Buffer.alloc(tileWidth * hashBytes), dirty: false };
    this.#open[level] = tile;
    return tile;
  }

  /** A hash was written at the end of a level. */
  #grow(level: number): void {
    const tile = this.#openAt(level, 0);
    tile.width += 1;
    tile.dirty = true;
    if (tile.width < tileWidth) return;
    this.#full.push(this.#stored(level));
    const above = this.#openAt(level + 1, 0);
    rootOfHashes(tile.hashes, 0, tileWidth).copy(above.hashes, above.width * hashBytes);
    tile.index += 1;
    tile.width = 0;
    tile.dirty = false;
    if (level === 0) this.#freshSalts();
    this.#grow(level + 1);
  }

  #freshSalts(): void {
    this.#salts = { seed: newSeed(), spelt: null };
    this.#spelt = saltsOf(this.#salts);
  }

  #stored(level: number): Tile {
    const { index, width, hashes } = this.#openAt(level, 0);
    return {
      level,
      index,
      hashes: Buffer.from(hashes.subarray(0, width * hashBytes)),
      ids: level === 0 ? Buffer.from(this.#ids.subarray(0, width * 8)) : null,
      salts: level === 0 ? this.#salts : null,
    };
  }
}
