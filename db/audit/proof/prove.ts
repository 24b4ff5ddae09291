import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { type Actor, authorise } from "../../actor.ts";
import { controlPool } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { type BundleLine, markBytes, missingRanges } from "./bundle.ts";
import { checkpointsBefore, lastCheckpoint, type StoredCheckpoint } from "./checkpoints.ts";
import { erasedIds } from "./excused.ts";
import type { Tile } from "./frontier.ts";
import { idsOf } from "./id-bytes.ts";
import { isDestroyed, saltsOf, tileWidth } from "./salts.ts";
import { hashBytes } from "./sha.ts";
import { leafTiles, subtreeReader, tilesOfIds } from "./tiles.ts";
import { consistencyProof, rootOfRange } from "./tree.ts";

export interface Proved {
  entries: number;
  erased: number;
  /** Entries newer than the last checkpoint; the proof says nothing of them. */
  unsealed: number;
}

/**
 * Writes the proof file of a lossless export: for each of its databases, the salts of the entries it holds and the hashes that
 * lead from them to the last checkpoint, with paths from `earlier` ones (sizes) to it.
 *
 * @throws Refusal `not_found` when a database's log was never sealed.
 */
export async function writeProof(
  actor: Actor,
  input: { lines: string; target: string; earlier?: readonly number[] },
): Promise<Proved> {
  authorise(actor, "audit.verify");
  const total: Proved = { entries: 0, erased: 0, unsealed: 0 };
  const file = await open(input.target, "w", 0o600);
  try {
    for (const [databaseId, ids] of await idsByDatabase(input.lines)) {
      const last = await lastCheckpoint(controlPool(), databaseId);
      if (!last) throw neverSealed(databaseId);
      const part = partOf(databaseId, ids, last, input.earlier ?? []);
      for (let next = await part.next(); ; next = await part.next()) {
        if (next.done) {
          total.entries += next.value.entries;
          total.erased += next.value.erased;
          total.unsealed += next.value.unsealed;
          break;
        }
        await file.appendFile(`${JSON.stringify(next.value)}\n`);
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return total;
}

async function idsByDatabase(lines: string): Promise<Map<string, Set<bigint>>> {
  const parts = new Map<string, Set<bigint>>();
  let current = new Set<bigint>();
  for await (const line of createInterface({ input: createReadStream(lines), crlfDelay: Number.POSITIVE_INFINITY })) {
    const id = /^\{"id":"(\d{1,19})"/.exec(line)?.[1];
    if (id !== undefined) current.add(BigInt(id));
    else if (line.startsWith('{"_database":')) {
      const head: { _database: { id: string } } = JSON.parse(line);
      current = parts.get(head._database.id) ?? new Set<bigint>();
      parts.set(head._database.id, current);
    }
  }
  return parts;
}

/** Beyond so many entries, every tile is looked at rather than asked for. */
const askedMax = 2_000;

async function* partOf(
  databaseId: string,
  wanted: ReadonlySet<bigint>,
  last: StoredCheckpoint,
  earlier: readonly number[],
): AsyncGenerator<BundleLine, Proved> {
  const { size, note } = last;
  const read = subtreeReader(controlPool(), databaseId);
  const [before] = await checkpointsBefore(controlPool(), databaseId, size, 1);
  const asked = await Promise.all(earlier.map((one) => checkpointsBefore(controlPool(), databaseId, one + 1, 1)));
  const notes = new Map([before, ...asked.flat()].flatMap((one) => (one ? [[one.size, one.note] as const] : [])));
  const paths = await Promise.all(
    [...notes].map(async ([from, text]) => ({
      note: text,
      path: (await consistencyProof(read, from, size)).map((hash) => hash.toString("base64")),
    })),
  );
  yield { proof: 1, database: databaseId, checkpoint: note, earlier: paths };

  const erased = await erasedIds(databaseId);
  const tiles =
    wanted.size > askedMax
      ? leafTiles(controlPool(), databaseId, size)
      : await tilesOfIds(controlPool(), databaseId, [...wanted]);
  const indexes: number[] = [];
  let gone = 0;
  for await (const tile of tiles) {
    const part = tileLines(tile, wanted, erased, size);
    indexes.push(...part.indexes);
    gone += part.erased;
    yield* part.lines;
  }
  for (const ranges of chunks([...missingRanges(Float64Array.from(indexes), size)], 512)) {
    const hashes: Buffer[] = [];
    for (const [from, to] of ranges) hashes.push(await rootOfRange(read, from, to));
    yield { hashes: Buffer.concat(hashes).toString("base64") };
  }
  const entries = indexes.length;
  yield { end: { entries, erased: gone, first: indexes[0] ?? null, last: indexes.at(-1) ?? null } };
  return { entries, erased: gone, unsealed: wanted.size - entries };
}

function tileLines(
  tile: Tile,
  wanted: ReadonlySet<bigint>,
  erased: ReadonlySet<string>,
  size: number,
): { lines: BundleLine[]; indexes: number[]; erased: number } {
  const ids = idsOf(tile.ids ?? Buffer.alloc(0)).slice(0, Math.max(0, size - tile.index * tileWidth));
  const salts = saltsOf(tile.salts ?? { seed: null, spelt: null });
  const here = ids.flatMap((id, place) => (wanted.has(id) ? [place] : []));
  const gone = here.filter((place) => isDestroyed(salts, place) || erased.has(String(ids[place])));
  const shown = here.filter((place) => !gone.includes(place));
  const indexes = here.map((place) => tile.index * tileWidth + place);
  const pick = (from: Buffer, places: readonly number[], width: number, each = width) =>
    Buffer.concat(places.map((place) => from.subarray(place * each, place * each + width))).toString("base64");
  const marks = pick(tile.hashes, shown, markBytes, hashBytes);
  const idBytes = tile.ids ?? Buffer.alloc(0);
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
  return { lines, indexes, erased: gone.length };
}

function* chunks<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}

function neverSealed(databaseId: string): Refusal {
  return new Refusal("not_found", `Nothing of the log of ${databaseId} is sealed and signed yet.`, {
    fix: "The worker seals every minute: see that it runs, and try again in two.",
  });
}
