import { controlPool } from "../../control.ts";
import { beginning, type Place } from "./place.ts";

/** Longer than any delivery takes: reading, connecting and sending all have shorter limits. */
const leaseSeconds = 120;

const backOffMaxSeconds = 300;

/** SQL of when the next try is due after so many failures in a row: twice as long after each, five minutes at most. */
export const nextTry = `now() + make_interval(secs => least(power(2, least(failures, 20))::float8, ${backOffMaxSeconds}) * (0.75 + random() / 2))`;

/** Takes the right to deliver for one stream and database, when it is due and nobody has it. */
export async function claimCursor(streamId: string, databaseId: string): Promise<Place | null> {
  const { rows } = await controlPool().query<Place>(
    `UPDATE audit_stream_cursors SET lease_until = now() + make_interval(secs => $3)
      WHERE stream_id = $1 AND database_id = $2 AND next_try_at <= now() AND (lease_until IS NULL OR lease_until < now())
  RETURNING transaction_id AS "transactionId", entry_id AS "entryId"`,
    [streamId, databaseId, leaseSeconds],
  );
  return rows[0] ?? null;
}

/** After the delivery, never before: a crash in between delivers twice and loses nothing. False when another was faster. */
export async function advance(
  streamId: string,
  databaseId: string,
  from: Place,
  to: Place,
  { delivered, behindSince }: { delivered: number; behindSince: string | null },
): Promise<boolean> {
  const { rowCount } = await controlPool().query(
    `UPDATE audit_stream_cursors
        SET transaction_id = $5, entry_id = $6, delivered = delivered + $7, behind_since = $8, checked_at = now(),
            delivered_at = CASE WHEN $7 > 0 THEN now() ELSE delivered_at END,
            failures = 0, error = NULL, next_try_at = now(), lease_until = now() + make_interval(secs => $9)
      WHERE stream_id = $1 AND database_id = $2 AND transaction_id = $3 AND entry_id = $4`,
    [
      streamId,
      databaseId,
      from.transactionId,
      from.entryId,
      to.transactionId,
      to.entryId,
      delivered,
      behindSince,
      leaseSeconds,
    ],
  );
  return rowCount === 1;
}

export async function fail(
  streamId: string,
  databaseId: string,
  error: string,
  behindSince: string | null,
): Promise<void> {
  await controlPool().query(
    `UPDATE audit_stream_cursors
        SET failures = failures + 1, error = $3, behind_since = coalesce($4::timestamptz, behind_since), checked_at = now(),
            next_try_at = ${nextTry}
      WHERE stream_id = $1 AND database_id = $2`,
    [streamId, databaseId, error.slice(0, 1_000), behindSince],
  );
}

/** What kept a stream from asking any database; it stands at each that is due, and each waits as after a failure of its own. */
export async function failStream(streamId: string, error: string): Promise<void> {
  const { rows } = await controlPool().query<{ databaseId: string }>(
    `SELECT database_id AS "databaseId" FROM audit_stream_cursors
      WHERE stream_id = $1 AND next_try_at <= now() AND (lease_until IS NULL OR lease_until < now())`,
    [streamId],
  );
  for (const { databaseId } of rows) await fail(streamId, databaseId, error, null);
}

export async function releaseCursor(streamId: string, databaseId: string): Promise<void> {
  await controlPool().query(
    "UPDATE audit_stream_cursors SET lease_until = NULL WHERE stream_id = $1 AND database_id = $2",
    [streamId, databaseId],
  );
}

/** A database that was adopted since begins at its beginning. */
export async function ensureCursor(streamId: string, databaseId: string, place: Place = beginning): Promise<void> {
  await controlPool().query(
    `INSERT INTO audit_stream_cursors (stream_id, database_id, transaction_id, entry_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (stream_id, database_id) DO NOTHING`,
    [streamId, databaseId, place.transactionId, place.entryId],
  );
}
