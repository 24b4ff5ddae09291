import { emptyRoot, hashBytes, nodeHash, nodeInto } from "./sha.ts";

// The Merkle tree of RFC 6962, section 2.1. A range of leaves is [from, to).

/** Gives the root of a whole subtree: 2^level leaves, beginning at leaf index * 2^level. */
export type SubtreeReader = (level: number, index: number) => Promise<Buffer>;

/** The root of the leaves that lie side by side in `hashes`; a power of two of them is a subtree's. */
export function rootOfHashes(hashes: Buffer, from: number, to: number): Buffer {
  const count = to - from;
  if (count === 0) return emptyRoot;
  const level = Buffer.from(hashes.subarray(from * hashBytes, to * hashBytes));
  // An odd one out stands for itself a level higher: the same tree as the RFC's recursion makes.
  for (let width = count; width > 1; width = Math.ceil(width / 2)) {
    for (let at = 0; at + 1 < width; at += 2) nodeInto(level, (at / 2) * hashBytes, level, at * hashBytes);
    if (width % 2 === 1) level.copy(level, ((width - 1) / 2) * hashBytes, (width - 1) * hashBytes, width * hashBytes);
  }
  return Buffer.from(level.subarray(0, hashBytes));
}

/** The largest power of two smaller than `count`: where the RFC splits a tree. */
export function split(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1));
}

/** The root of a range that the RFC's recursion meets. */
export async function rootOfRange(read: SubtreeReader, from: number, to: number): Promise<Buffer> {
  const count = to - from;
  if (count === 0) return emptyRoot;
  const level = Math.log2(count);
  if (Number.isInteger(level)) return read(level, from / count);
  const middle = from + split(count);
  return nodeHash(await rootOfRange(read, from, middle), await rootOfRange(read, middle, to));
}

/** RFC 6962, 2.1.2: shows that the tree of `size` begins with the tree of `earlier` leaves. */
export async function consistencyProof(read: SubtreeReader, earlier: number, size: number): Promise<Buffer[]> {
  async function walk(part: number, from: number, to: number, whole: boolean): Promise<Buffer[]> {
    const count = to - from;
    if (part === count) return whole ? [] : [await rootOfRange(read, from, to)];
    const middle = split(count);
    if (part <= middle)
      return [...(await walk(part, from, from + middle, whole)), await rootOfRange(read, from + middle, to)];
    return [...(await walk(part - middle, from + middle, to, false)), await rootOfRange(read, from, from + middle)];
  }
  return earlier === 0 ? [] : walk(earlier, 0, size, true);
}

/** RFC 9162, 2.1.4.2: whether the proof leads from the earlier root to the later one. */
export function isConsistent(
  earlier: { size: number; root: Buffer },
  later: { size: number; root: Buffer },
  proof: readonly Buffer[],
): boolean {
  if (earlier.size > later.size) return false;
  if (earlier.size === later.size) return proof.length === 0 && earlier.root.equals(later.root);
  if (earlier.size === 0) return proof.length === 0 && earlier.root.equals(emptyRoot);
  const isPower = Number.isInteger(Math.log2(earlier.size));
  const path = isPower ? [earlier.root, ...proof] : [...proof];
  let node = earlier.size - 1;
  let last = later.size - 1;
  while (node % 2 === 1) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  let before = path.shift();
  if (!before) return false;
  let after = before;
  for (const hash of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      before = nodeHash(hash, before);
      after = nodeHash(hash, after);
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    } else after = nodeHash(after, hash);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && before.equals(earlier.root) && after.equals(later.root);
}
