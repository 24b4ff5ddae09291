import type { SealFinding } from "../../schema/proof.ts";
import type { Leaf } from "./comparison.ts";
import { hashBytes, leafInto } from "./sha.ts";

/** A leaf and the row that has its id now and another content. */
export interface ChangedPair {
  leaf: Leaf;
  row: Buffer;
}

/** Pairs are looked for among so many; beyond, a swap is told as two changes. */
const swapsAmong = 200;

/** Says of each changed entry whether it took another one's place, or simply reads differently now. */
export function nameChanges(changed: readonly ChangedPair[]): SealFinding[] {
  const swapped = new Map<string, string>();
  for (const one of changed.slice(0, swapsAmong)) {
    const other = changed.slice(0, swapsAmong).find((pair) => pair !== one && isContentOf(one.leaf, pair.row, one.row));
    if (other) swapped.set(one.leaf.id, other.leaf.id);
  }
  return changed.map(({ leaf: { id } }) => {
    const other = swapped.get(id);
    return other === undefined
      ? { kind: "changed", entry: id, message: `Entry ${id} reads otherwise than when it was sealed.` }
      : { kind: "swapped", entry: id, message: `Entry ${id} was swapped with entry ${other}.` };
  });
}

/** Whether the leaf committed to what `other` holds now, under its own identity: the columns that a swap may have left. */
function isContentOf(leaf: Leaf, other: Buffer, own: Buffer): boolean {
  const [theirs, ours] = [other.toString("utf8").split("\t"), own.toString("utf8").split("\t")];
  return [1, 2, 3].some((kept) => commits(leaf, [...ours.slice(0, kept), ...theirs.slice(kept)].join("\t")));
}

function commits(leaf: Leaf, row: string): boolean {
  const found = Buffer.alloc(hashBytes);
  leafInto(found, 0, { bytes: leaf.salt, at: 0 }, Buffer.from(row));
  return found.equals(leaf.hash);
}
