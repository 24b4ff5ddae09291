import { hash, randomBytes } from "node:crypto";
import { hashBytes } from "./sha.ts";

/** Leaves of a tile, each with a salt of its own. */
export const tileWidth = 256;

/**
 * A tile's salts: as long as nothing of the tile was erased, 32 bytes from which all 256 follow (SHAKE256); afterwards the salts
 * themselves, those of erased entries overwritten with zeros, so that nothing left leads to them.
 */
export interface Salts {
  seed: Buffer | null;
  spelt: Buffer | null;
}

export function newSeed(): Buffer {
  return randomBytes(hashBytes);
}

/** All salts of a tile, 32 bytes each. */
export function saltsOf({ seed, spelt }: Salts): Buffer {
  if (spelt) return spelt;
  if (!seed) throw new Error("A tile has neither a seed nor salts.");
  return hash("shake256", seed, { outputEncoding: "buffer", outputLength: tileWidth * hashBytes });
}

/** The same salts without those at the given places. */
export function destroySalts(salts: Salts, places: readonly number[]): Salts {
  const spelt = Buffer.from(saltsOf(salts));
  for (const place of places) spelt.fill(0, place * hashBytes, (place + 1) * hashBytes);
  return { seed: null, spelt };
}

/** Whether the salt at a place was destroyed. */
export function isDestroyed(salts: Buffer, place: number): boolean {
  return salts.subarray(place * hashBytes, (place + 1) * hashBytes).every((byte) => byte === 0);
}
