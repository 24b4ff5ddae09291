import type pg from "pg";
import { currentSigningKey } from "./keys.ts";
import type { SealedLog } from "./log.ts";
import { noteHash, signCheckpoint } from "./note.ts";
import { type Reader, subtreeReader } from "./tiles.ts";
import { rootOfRange } from "./tree.ts";

export interface StoredCheckpoint {
  size: number;
  note: string;
  signedAt: string;
  publishedAt: string | null;
}

const columns = `size::float8 AS size, note, signed_at AS "signedAt", published_at AS "publishedAt"`;

export async function lastCheckpoint(client: Reader, databaseId: string): Promise<StoredCheckpoint | null> {
  const { rows } = await client.query<StoredCheckpoint>(
    `SELECT ${columns} FROM seal_checkpoints WHERE database_id = $1 ORDER BY size DESC LIMIT 1`,
    [databaseId],
  );
  return rows[0] ?? null;
}

/** Newest first. */
export async function checkpointsBefore(
  client: Reader,
  databaseId: string,
  size: number,
  limit: number,
): Promise<StoredCheckpoint[]> {
  const { rows } = await client.query<StoredCheckpoint>(
    `SELECT ${columns} FROM seal_checkpoints WHERE database_id = $1 AND size < $2 ORDER BY size DESC LIMIT $3`,
    [databaseId, size, limit],
  );
  return rows;
}

/** Signs the tree as it stands, unless nothing is new or the last checkpoint is younger than `seconds`. */
export async function signNow(client: pg.ClientBase, log: SealedLog, seconds: number): Promise<boolean> {
  const last = await lastCheckpoint(client, log.databaseId);
  if (last?.size === log.size || log.size === 0) return false;
  const { rows } = await client.query<{ time: string; due: boolean }>(
    `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time,
            coalesce($1::timestamptz <= clock_timestamp() - make_interval(secs => $2), true) AS due`,
    [last?.signedAt ?? null, seconds],
  );
  const [now] = rows;
  if (!now?.due) return false;
  const root = await rootOfRange(subtreeReader(client, log.databaseId), 0, log.size);
  const previous = last ? noteHash(last.note) : null;
  const { origin, size } = log;
  const note = signCheckpoint({ origin, size, root, time: now.time, previous }, await currentSigningKey(client));
  await client.query("INSERT INTO seal_checkpoints (database_id, size, note, root) VALUES ($1, $2, $3, $4)", [
    log.databaseId,
    size,
    note,
    root.toString("base64"),
  ]);
  return true;
}
