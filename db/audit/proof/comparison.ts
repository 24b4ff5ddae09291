import type { PrintedRow } from "../../copy/rows.ts";
import type { SealFinding } from "../../schema/proof.ts";
import { type Circumstances, nameAbsences } from "./absences.ts";
import { type ChangedPair, nameChanges } from "./changes.ts";
import type { Tile } from "./frontier.ts";
import { idsOf } from "./id-bytes.ts";
import { saltsOf } from "./salts.ts";
import { hashBytes, leafInto } from "./sha.ts";

export interface Leaf {
  index: number;
  id: string;
  hash: Buffer;
  salt: Buffer;
}

const found = Buffer.alloc(hashBytes);

/**
 * Matches the leaves of a tree with the rows of a log, both in the order of the tree, by the entry's id. Rows that were not
 * touched meet at once; what waits for a partner is what was removed, added or moved.
 */
export class Comparison {
  leaves = 0;
  #erased = 0;
  readonly #waitingLeaves = new Map<string, Leaf>();
  readonly #waitingRows = new Map<string, Buffer>();
  readonly #changed: ChangedPair[] = [];
  readonly #erasedIds: ReadonlySet<string>;

  constructor(erasedIds: ReadonlySet<string>) {
    this.#erasedIds = erasedIds;
  }

  addRow(id: string, row: PrintedRow): void {
    const leaf = this.#waitingLeaves.get(id);
    if (leaf) {
      this.#waitingLeaves.delete(id);
      this.#match(leaf, row.bytes, row.from, row.to);
      return;
    }
    // A second row of one id stands beside the first: one of them was not written by the triggers.
    const key = this.#waitingRows.has(id) ? `${id} again` : id;
    this.#waitingRows.set(key, Buffer.from(row.bytes.subarray(row.from, row.to)));
  }

  addTile(tile: Tile): void {
    const salts = saltsOf(tile.salts ?? { seed: null, spelt: null });
    for (const [place, number] of idsOf(tile.ids ?? Buffer.alloc(0)).entries()) {
      const id = String(number);
      const at = place * hashBytes;
      const leaf = {
        index: this.leaves,
        id,
        hash: tile.hashes.subarray(at, at + hashBytes),
        salt: salts.subarray(at, at + hashBytes),
      };
      this.leaves += 1;
      const row = this.#waitingRows.get(id);
      if (!row) {
        this.#waitingLeaves.set(id, leaf);
        continue;
      }
      this.#waitingRows.delete(id);
      this.#match(leaf, row, 0, row.length);
    }
  }

  #match(leaf: Leaf, row: Buffer, from: number, to: number): void {
    if (this.#erasedIds.has(leaf.id)) {
      this.#erased += 1;
      return;
    }
    leafInto(found, 0, { bytes: leaf.salt, at: 0 }, row, from, to);
    if (!found.equals(leaf.hash)) this.#changed.push({ leaf, row: Buffer.from(row.subarray(from, to)) });
  }

  finish(circumstances: Circumstances): { erased: number; expired: number; lost: number; findings: SealFinding[] } {
    const { findings, ...excused } = nameAbsences([...this.#waitingLeaves.values()], this.leaves, circumstances);
    const late = [...this.#waitingRows.keys()].map((key) => inserted(key.split(" ")[0] ?? key));
    return { erased: this.#erased, ...excused, findings: [...nameChanges(this.#changed), ...findings, ...late] };
  }
}

function inserted(id: string): SealFinding {
  return {
    kind: "inserted",
    entry: id,
    message: `Entry ${id} claims a transaction that was over when its neighbours were sealed, and was not there then.`,
  };
}
