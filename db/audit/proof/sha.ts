import { hash } from "node:crypto";

export const hashBytes = 32;

/** SHA-256 of the bytes, written at `at`. By way of Latin-1 text, since a buffer made for every hash costs more than the hash. */
function sha256Into(target: Buffer, at: number, bytes: Uint8Array): void {
  target.write(hash("sha256", bytes, "binary"), at, "latin1");
}

const pair = Buffer.alloc(1 + 2 * hashBytes);
pair[0] = 1;

/** RFC 6962: SHA-256(0x01 || left || right) of two hashes that lie side by side at `first` in `source`. */
export function nodeInto(target: Buffer, at: number, source: Buffer, first: number): void {
  source.copy(pair, 1, first, first + 2 * hashBytes);
  sha256Into(target, at, pair);
}

/** The same of two hashes by themselves. */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(hash("sha256", Buffer.concat([pair.subarray(0, 1), left, right]), "buffer"));
}

/** The root of an empty tree: SHA-256 of nothing. */
export const emptyRoot = Buffer.from(hash("sha256", "", "buffer"));

let scratch = Buffer.alloc(1 << 16);

/** A leaf: SHA-256(0x00 || salt || row). The salt makes it a commitment: without it, the row can not be guessed from the hash. */
export function leafInto(
  target: Buffer,
  at: number,
  salt: { bytes: Buffer; at: number },
  row: Buffer,
  from = 0,
  to = row.length,
): void {
  const length = 1 + hashBytes + to - from;
  if (length > scratch.length) scratch = Buffer.alloc(2 * length);
  salt.bytes.copy(scratch, 1, salt.at, salt.at + hashBytes);
  row.copy(scratch, 1 + hashBytes, from, to);
  scratch[0] = 0;
  sha256Into(target, at, scratch.subarray(0, length));
}
