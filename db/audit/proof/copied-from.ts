import type pg from "pg";
import { controlPool } from "../../control.ts";
import { idsOf } from "./id-bytes.ts";

/** So many of a log's oldest entries tell whose it was. An id is of one entry in one database. */
const enough = 3;

/** The oldest entries of a log by transaction, for `copiedFrom`. */
export async function oldestEntries(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    "SELECT id::text AS id FROM caretaker.audit_logs ORDER BY audit_logs.transaction_id, audit_logs.id LIMIT $1",
    [enough],
  );
  return rows.map(({ id }) => id);
}

/** Which of these databases sealed all of these entries: a log that begins with them is a copy of its log. */
export async function copiedFrom(entries: readonly string[], databaseIds: readonly string[]): Promise<string[]> {
  if (entries.length === 0 || databaseIds.length === 0) return [];
  const { rows: tiles } = await controlPool().query<{ databaseId: string; ids: Buffer }>(
    `SELECT database_id AS "databaseId", ids FROM seal_tiles
      WHERE database_id = ANY ($1::text[]) AND level = 0
        AND EXISTS (SELECT FROM unnest($2::bigint[]) AS entry WHERE id_max >= entry AND id_min <= entry)`,
    [databaseIds, entries],
  );
  const sealed = Map.groupBy(tiles, ({ databaseId }) => databaseId);
  return [...sealed].flatMap(([databaseId, of]) => {
    const ids = new Set(of.flatMap((tile) => idsOf(tile.ids)));
    return entries.every((entry) => ids.has(BigInt(entry))) ? [databaseId] : [];
  });
}
