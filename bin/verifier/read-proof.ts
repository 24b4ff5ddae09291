import { createReadStream, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { type BundleEnd, type BundleHead, type BundleLine, type TilePart, tilePart } from "#db/audit/proof/bundle.ts";
import { EntryPlaces } from "./entry-places.ts";

/** What a proof file says of one database. */
export interface ProofPart {
  head: BundleHead;
  places: EntryPlaces;
  hashes: Buffer;
  /** What the console signed about this part; null in proofs that were written before it did. */
  statement: string | null;
  end: BundleEnd["end"];
}

/** An entry takes at least its id and its mark, 12 bytes that base64 makes 16 of. */
const entryBytesMin = 16;

/** @throws Error when the file is cut off or its parts do not fit together. */
export async function readProof(path: string): Promise<Map<string, ProofPart>> {
  const parts = new Map<string, ProofPart>();
  const most = Math.ceil(statSync(path).size / entryBytesMin);
  let head: BundleHead | null = null;
  let places = new EntryPlaces(most);
  let tile: TilePart[] = [];
  let hashes: Buffer[] = [];
  let statement: string | null = null;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    const line: BundleLine = JSON.parse(text);
    if ("proof" in line) {
      if (line.proof !== 1)
        throw new Error(`This is a proof of format ${line.proof}, and this program reads format 1.`);
      [head, places, tile, hashes, statement] = [line, new EntryPlaces(most), [], [], null];
    } else if ("tile" in line) {
      // The lines of one tile speak of different entries of it.
      if (tile.length > 0 && tile[0]?.tile !== line.tile) places.addTile(tile.splice(0));
      tile.push(tilePart(line));
    } else if ("hashes" in line) hashes.push(Buffer.from(line.hashes, "base64"));
    else if ("statement" in line) statement = line.statement;
    else if (head) {
      places.addTile(tile);
      if (places.count !== line.end.entries) throw new Error("The proof file is cut short.");
      parts.set(head.database, { head, places, hashes: Buffer.concat(hashes), statement, end: line.end });
      head = null;
    }
  }
  if (head || parts.size === 0) throw new Error("The proof file has no end: it was cut off.");
  return parts;
}
