import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { type BundleEnd, type BundleHead, type BundleLine, type Place, placesOf } from "#db/audit/proof/bundle.ts";
import { EntryPlaces } from "./entry-places.ts";

/** What a proof file says of one database. */
export interface ProofPart {
  head: BundleHead;
  places: EntryPlaces;
  hashes: Buffer;
  end: BundleEnd["end"];
}

/** @throws Error when the file is cut off or its parts do not fit together. */
export async function readProof(path: string): Promise<Map<string, ProofPart>> {
  const parts = new Map<string, ProofPart>();
  let head: BundleHead | null = null;
  let tiles: Place[][] = [];
  let hashes: Buffer[] = [];
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    const line: BundleLine = JSON.parse(text);
    if ("proof" in line) {
      if (line.proof !== 1)
        throw new Error(`This is a proof of format ${line.proof}, and this program reads format 1.`);
      [head, tiles, hashes] = [line, [], []];
    } else if ("tile" in line) tiles.push(placesOf(line));
    else if ("hashes" in line) hashes.push(Buffer.from(line.hashes, "base64"));
    else if (head) {
      const places = new EntryPlaces(inOrder(tiles));
      if (places.count !== line.end.entries) throw new Error("The proof file is cut short.");
      parts.set(head.database, { head, places, hashes: Buffer.concat(hashes), end: line.end });
      head = null;
    }
  }
  if (head || parts.size === 0) throw new Error("The proof file has no end: it was cut off.");
  return parts;
}

/** The lines of one tile speak of different entries of it. */
function inOrder(tiles: readonly Place[][]): Place[][] {
  const byTile = new Map<number, Place[]>();
  for (const places of tiles) {
    const tile = Math.floor((places[0]?.index ?? 0) / 256);
    const before = byTile.get(tile);
    byTile.set(tile, before ? [...before, ...places].toSorted((a, b) => a.index - b.index) : places);
  }
  return [...byTile.values()];
}
