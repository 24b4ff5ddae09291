import type pg from "pg";
import { controlPool } from "../../../control.ts";
import { nextTry } from "../../stream/cursors.ts";

/** Longer than any delivery takes: connecting and sending have shorter limits. */
const leaseSeconds = 120;

/** The newest checkpoint of each log is the first that is delivered. */
export async function beginAtNewest(client: pg.ClientBase, placeId: string): Promise<void> {
  await client.query(
    `INSERT INTO checkpoint_deliveries (place_id, database_id, size)
     SELECT $1, database_id, max(size) - 1 FROM seal_checkpoints GROUP BY database_id`,
    [placeId],
  );
}

/** The logs that a place may be due for; one that was adopted since begins with its first checkpoint. */
export async function ensureDeliveries(placeId: string): Promise<string[]> {
  await controlPool().query(
    `INSERT INTO checkpoint_deliveries (place_id, database_id) SELECT $1, database_id FROM sealed_logs
     ON CONFLICT (place_id, database_id) DO NOTHING`,
    [placeId],
  );
  const { rows } = await controlPool().query<{ databaseId: string }>(
    `SELECT database_id AS "databaseId" FROM checkpoint_deliveries WHERE place_id = $1 ORDER BY next_try_at`,
    [placeId],
  );
  return rows.map(({ databaseId }) => databaseId);
}

/** Takes the right to deliver, when it is due and nobody has it. Answers of how many entries the last delivered one speaks. */
export async function claimDelivery(placeId: string, databaseId: string): Promise<number | null> {
  const { rows } = await controlPool().query<{ size: number }>(
    `UPDATE checkpoint_deliveries SET lease_until = now() + make_interval(secs => $3)
      WHERE place_id = $1 AND database_id = $2 AND next_try_at <= now() AND (lease_until IS NULL OR lease_until < now())
  RETURNING size::float8 AS size`,
    [placeId, databaseId, leaseSeconds],
  );
  return rows[0]?.size ?? null;
}

/** After the delivery, never before: a crash in between delivers twice and loses nothing. False when another was faster. */
export async function advance(placeId: string, databaseId: string, from: number, to: number): Promise<boolean> {
  const { rowCount } = await controlPool().query(
    `UPDATE checkpoint_deliveries
        SET size = $4, delivered = delivered + 1, delivered_at = now(), lease_until = now() + make_interval(secs => $5)
      WHERE place_id = $1 AND database_id = $2 AND size = $3`,
    [placeId, databaseId, from, to, leaseSeconds],
  );
  return rowCount === 1;
}

/** Everything that was signed is there, or another worker goes on. */
export async function settle(placeId: string, databaseId: string): Promise<void> {
  await controlPool().query(
    `UPDATE checkpoint_deliveries SET checked_at = now(), failures = 0, error = NULL, next_try_at = now(), lease_until = NULL
      WHERE place_id = $1 AND database_id = $2`,
    [placeId, databaseId],
  );
}

export async function fail(placeId: string, databaseId: string, error: string): Promise<void> {
  await controlPool().query(
    `UPDATE checkpoint_deliveries
        SET checked_at = now(), failures = failures + 1, error = $3, next_try_at = ${nextTry}, lease_until = NULL
      WHERE place_id = $1 AND database_id = $2`,
    [placeId, databaseId, error.slice(0, 1_000)],
  );
}
