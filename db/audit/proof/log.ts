import { originOf } from "./note.ts";
import type { Reader } from "./tiles.ts";

/** How far a database's log is sealed. */
export interface SealedLog {
  databaseId: string;
  origin: string;
  size: number;
  lastTransaction: string;
  lastId: string;
  sealedTo: string;
  generation: number;
  /** When the sealer last took what it could. */
  sealedAt: string | null;
  /** When the oldest entry was written that it had to leave then. */
  unsealedSince: string | null;
  stopped: string | null;
}

const columns = `database_id AS "databaseId", origin, size::float8 AS size, last_transaction AS "lastTransaction", last_id AS "lastId",
  sealed_to AS "sealedTo", generation, sealed_at AS "sealedAt", unsealed_since AS "unsealedSince", stopped`;

/** The log of a database, begun when there is none. */
export async function beginLog(client: Reader, databaseId: string): Promise<SealedLog> {
  await client.query(
    "INSERT INTO sealed_logs (database_id, origin) VALUES ($1, $2) ON CONFLICT (database_id) DO NOTHING",
    [databaseId, originOf(databaseId)],
  );
  const log = await readLog(client, databaseId);
  if (!log) throw new Error(`The log of ${databaseId} could not be begun.`);
  return log;
}

export async function readLog(client: Reader, databaseId: string): Promise<SealedLog | null> {
  const { rows } = await client.query<SealedLog>(`SELECT ${columns} FROM sealed_logs WHERE database_id = $1`, [
    databaseId,
  ]);
  return rows[0] ?? null;
}
