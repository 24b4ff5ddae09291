import type pg from "pg";
import type { Tile } from "./frontier.ts";
import { idBounds } from "./id-bytes.ts";
import { tileWidth } from "./salts.ts";
import { hashBytes } from "./sha.ts";
import { rootOfHashes, type SubtreeReader } from "./tree.ts";

/** Whoever can run a statement in the control database: its pool, or a client in a transaction. */
export type Reader = Pick<pg.ClientBase, "query">;

interface TileRow {
  level: number;
  index: number;
  hashes: Buffer;
  ids: Buffer | null;
  seed: Buffer | null;
  salts: Buffer | null;
}

const columns = `level, "index", hashes, ids, seed, salts`;

function toTile({ seed, salts, ...tile }: TileRow): Tile {
  return { ...tile, salts: tile.level === 0 ? { seed, spelt: salts } : null };
}

/** Stores tiles in one statement; those that were partial grow. */
export async function writeTiles(client: Reader, databaseId: string, tiles: readonly Tile[]): Promise<void> {
  if (tiles.length === 0) return;
  const values: unknown[] = [databaseId];
  const rows = tiles.map((tile) => {
    const [least, greatest] = (tile.ids && idBounds(tile.ids)?.map(String)) ?? [null, null];
    const first = values.push(tile.level, tile.index, tile.hashes, tile.ids, least, greatest) - 5;
    values.push(tile.salts?.seed ?? null, tile.salts?.spelt ?? null);
    return `($1, ${Array.from({ length: 8 }, (_, at) => `$${first + at}`).join(", ")})`;
  });
  await client.query(
    `INSERT INTO seal_tiles (database_id, level, "index", hashes, ids, id_min, id_max, seed, salts) VALUES ${rows.join(", ")}
     ON CONFLICT (database_id, level, "index") DO UPDATE
       SET hashes = excluded.hashes, ids = excluded.ids, id_min = excluded.id_min, id_max = excluded.id_max`,
    values,
  );
}

/** The last tile of every level of a tree of `size` leaves. */
export async function readEdge(client: Reader, databaseId: string, size: number): Promise<Tile[]> {
  const at: { level: number; index: number }[] = [];
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / tileWidth)) {
    if (count % tileWidth > 0) at.push({ level, index: Math.floor(count / tileWidth) });
  }
  const { rows } = await client.query<TileRow>(
    `SELECT ${columns} FROM seal_tiles
       JOIN unnest($2::int[], $3::int[]) AS asked (l, i) ON level = l AND "index" = i
      WHERE database_id = $1`,
    [databaseId, at.map(({ level }) => level), at.map(({ index }) => index)],
  );
  return rows.map(toTile);
}

const stretch = 64;

/** The tiles of level 0 of a tree of `size` leaves in order, from one on; the last one may have grown since and is cut. */
export async function* leafTiles(client: Reader, databaseId: string, size: number, from = 0): AsyncGenerator<Tile> {
  const count = Math.ceil(size / tileWidth);
  for (let index = from; index < count; index += stretch) {
    const { rows } = await client.query<TileRow>(
      `SELECT ${columns} FROM seal_tiles
        WHERE database_id = $1 AND level = 0 AND "index" >= $2 AND "index" < $3 ORDER BY "index"`,
      [databaseId, index, Math.min(count, index + stretch)],
    );
    yield* rows.map((row) => toTile(cutTo(row, size - row.index * tileWidth)));
  }
}

function cutTo(row: TileRow, leaves: number): TileRow {
  if (row.hashes.length <= leaves * hashBytes) return row;
  return { ...row, hashes: row.hashes.subarray(0, leaves * hashBytes), ids: row.ids?.subarray(0, leaves * 8) ?? null };
}

/** The tiles of level 0 that may hold any of these entries. */
export async function tilesOfIds(client: Reader, databaseId: string, ids: readonly bigint[]): Promise<Tile[]> {
  const { rows } = await client.query<TileRow>(
    `SELECT ${columns} FROM seal_tiles
      WHERE database_id = $1 AND level = 0
        AND EXISTS (SELECT FROM unnest($2::bigint[]) AS id WHERE id BETWEEN id_min AND id_max) ORDER BY "index"`,
    [databaseId, ids.map(String)],
  );
  return rows.map(toTile);
}

/** Reads subtrees' roots out of stored tiles, as a tree of `size` leaves had them. Tiles read once are kept. */
export function subtreeReader(client: Reader, databaseId: string): SubtreeReader {
  const kept = new Map<string, Promise<Buffer>>();
  const hashesOf = async (level: number, index: number): Promise<Buffer> => {
    const { rows } = await client.query<{ hashes: Buffer }>(
      `SELECT hashes FROM seal_tiles WHERE database_id = $1 AND level = $2 AND "index" = $3`,
      [databaseId, level, index],
    );
    if (!rows[0]) throw new Error(`The tile ${level}/${index} of the log of ${databaseId} is missing.`);
    return rows[0].hashes;
  };
  return async (level, index) => {
    const tileLevel = Math.floor(level / 8);
    const count = 2 ** (level % 8);
    const first = index * count;
    const key = `${tileLevel}/${Math.floor(first / tileWidth)}`;
    const hashes = kept.get(key) ?? hashesOf(tileLevel, Math.floor(first / tileWidth));
    kept.set(key, hashes);
    const place = first % tileWidth;
    const found = await hashes;
    if (found.length < (place + count) * hashBytes) throw new Error(`The tile ${key} of ${databaseId} is cut short.`);
    return rootOfHashes(found, place, place + count);
  };
}
