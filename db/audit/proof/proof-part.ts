import { controlPool } from "../../control.ts";
import { type BundleHead, type BundleLine, markBytes, missingRanges } from "./bundle.ts";
import { checkpointsBefore, type StoredCheckpoint } from "./checkpoints.ts";
import { erasedIds } from "./excused.ts";
import type { Tile } from "./frontier.ts";
import { idsOf } from "./id-bytes.ts";
import { noteHash } from "./note.ts";
import { isDestroyed, saltsOf, tileWidth } from "./salts.ts";
import { hashBytes } from "./sha.ts";
import { ErasedList, type Statement } from "./statement.ts";
import { leafTiles, subtreeReader, tilesOfIds } from "./tiles.ts";
import { consistencyProof, rootOfRange, type SubtreeReader } from "./tree.ts";

/** What a database's part of a proof file is made of. */
export interface PartTask {
  databaseId: string;
  wanted: ReadonlySet<bigint>;
  last: StoredCheckpoint;
  /** Sizes of checkpoints from which a path is wanted. */
  earlier: readonly number[];
  sign(statement: Omit<Statement, "export">): Promise<string>;
}

/** Beyond so many entries, every tile is looked at rather than asked for. */
const askedMax = 2_000;

/** The lines of a part, in their order; answers how many entries it speaks of, and how many of them were erased. */
export async function* proofPart({
  databaseId,
  wanted,
  last,
  earlier,
  sign,
}: PartTask): AsyncGenerator<BundleLine, { entries: number; erased: number }> {
  const { size, note } = last;
  const read = subtreeReader(controlPool(), databaseId);
  yield { proof: 1, database: databaseId, checkpoint: note, earlier: await pathsTo(read, databaseId, size, earlier) };

  const erased = await erasedIds(databaseId);
  const tiles =
    wanted.size > askedMax
      ? leafTiles(controlPool(), databaseId, size)
      : await tilesOfIds(controlPool(), databaseId, [...wanted]);
  const indexes: number[] = [];
  const gone = new ErasedList();
  for await (const tile of tiles) {
    const part = tileLines(tile, wanted, erased, size, gone);
    indexes.push(...part.indexes);
    yield* part.lines;
  }
  for (const ranges of chunks([...missingRanges(Float64Array.from(indexes), size)], 512)) {
    const hashes: Buffer[] = [];
    for (const [from, to] of ranges) hashes.push(await rootOfRange(read, from, to));
    yield { hashes: Buffer.concat(hashes).toString("base64") };
  }
  const [entries, list] = [indexes.length, gone.end()];
  yield { statement: await sign({ checkpoint: noteHash(note), erased: list }) };
  yield { end: { entries, erased: list.entries, first: indexes[0] ?? null, last: indexes.at(-1) ?? null } };
  return { entries, erased: list.entries };
}

/** Paths from the checkpoint just before, and from the asked ones. */
async function pathsTo(
  read: SubtreeReader,
  databaseId: string,
  size: number,
  earlier: readonly number[],
): Promise<BundleHead["earlier"]> {
  const [before] = await checkpointsBefore(controlPool(), databaseId, size, 1);
  const asked = await Promise.all(earlier.map((one) => checkpointsBefore(controlPool(), databaseId, one + 1, 1)));
  const notes = new Map([before, ...asked.flat()].flatMap((one) => (one ? [[one.size, one.note] as const] : [])));
  return Promise.all(
    [...notes].map(async ([from, text]) => ({
      note: text,
      path: (await consistencyProof(read, from, size)).map((hash) => hash.toString("base64")),
    })),
  );
}

function tileLines(
  tile: Tile,
  wanted: ReadonlySet<bigint>,
  erased: ReadonlySet<string>,
  size: number,
  list: ErasedList,
): { lines: BundleLine[]; indexes: number[] } {
  const ids = idsOf(tile.ids ?? Buffer.alloc(0)).slice(0, Math.max(0, size - tile.index * tileWidth));
  const salts = saltsOf(tile.salts ?? { seed: null, spelt: null });
  const here = ids.flatMap((id, place) => (wanted.has(id) ? [place] : []));
  const gone = here.filter((place) => isDestroyed(salts, place) || erased.has(String(ids[place])));
  const shown = here.filter((place) => !gone.includes(place));
  const indexes = here.map((place) => tile.index * tileWidth + place);
  const idBytes = tile.ids ?? Buffer.alloc(0);
  const slice = (from: Buffer, place: number, width: number, each = width) =>
    from.subarray(place * each, place * each + width);
  const pick = (from: Buffer, places: readonly number[], width: number, each = width) =>
    Buffer.concat(places.map((place) => slice(from, place, width, each))).toString("base64");
  for (const place of gone)
    list.add(tile.index * tileWidth + place, slice(idBytes, place, 8), slice(tile.hashes, place, hashBytes));
  const marks = pick(tile.hashes, shown, markBytes, hashBytes);
  const lines: BundleLine[] = [];
  // A whole tile's seed tells of nothing that the export does not hold.
  if (tile.salts?.seed && shown.length === tileWidth)
    lines.push({ tile: tile.index, seed: tile.salts.seed.toString("base64"), ids: idBytes.toString("base64"), marks });
  else if (shown.length > 0)
    lines.push({
      tile: tile.index,
      places: shown,
      salts: pick(salts, shown, hashBytes),
      ids: pick(idBytes, shown, 8),
      marks,
    });
  if (gone.length > 0)
    lines.push({
      tile: tile.index,
      erased: gone,
      leaves: pick(tile.hashes, gone, hashBytes),
      ids: pick(idBytes, gone, 8),
    });
  return { lines, indexes };
}

function* chunks<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
