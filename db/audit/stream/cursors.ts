import { controlPool } from "../../control.ts";
import { beginning, type Place } from "./place.ts";
import type { StreamRow } from "./standing.ts";

/** Longer than any delivery takes: reading, connecting and sending all have shorter limits. */
const leaseSeconds = 120;

const backOffMaxSeconds = 300;

/** SQL of when the next try is due after so many failures in a row: twice as long after each, five minutes at most. */
export const nextTry = `now() + make_interval(secs => least(power(2, least(failures, 20))::float8, ${backOffMaxSeconds}) * (0.75 + random() / 2))`;

type Claimant = Pick<StreamRow, "id" | "revision">;

/** That the stream $1 sends, and still by the settings that were read as revision $2. */
const sends = `EXISTS (SELECT FROM audit_streams
                        WHERE id = $1 AND revision = $2 AND paused_at IS NULL AND removed_at IS NULL)`;

/** Takes the right to deliver for one stream and database, when it is due, nobody has it and the settings are still those. */
export async function claimCursor({ id, revision }: Claimant, databaseId: string): Promise<Place | null> {
  const { rows } = await controlPool().query<Place>(
    `UPDATE audit_stream_cursors SET lease_until = now() + make_interval(secs => $4)
      WHERE stream_id = $1 AND database_id = $3 AND next_try_at <= now() AND (lease_until IS NULL OR lease_until < now())
        AND ${sends}
  RETURNING transaction_id AS "transactionId", entry_id AS "entryId"`,
    [id, revision, databaseId, leaseSeconds],
  );
  return rows[0] ?? null;
}

/**
 * After the delivery, never before: a crash in between delivers twice and loses nothing. So does a change of the stream: what was read
 * by the settings before it moves no cursor, since the ones after it may ask for more. Answers whether to go on by these settings.
 */
export async function advance(
  { id, revision }: Claimant,
  databaseId: string,
  from: Place,
  to: Place,
  { delivered, behindSince }: { delivered: number; behindSince: string | null },
): Promise<boolean> {
  const { rows } = await controlPool().query<{ goesOn: boolean }>(
    `UPDATE audit_stream_cursors
        SET transaction_id = $6, entry_id = $7, delivered = delivered + $8, behind_since = $9, checked_at = now(),
            delivered_at = CASE WHEN $8 > 0 THEN now() ELSE delivered_at END,
            failures = 0, error = NULL, next_try_at = now(), lease_until = now() + make_interval(secs => $10)
      WHERE stream_id = $1 AND database_id = $3 AND transaction_id = $4 AND entry_id = $5
        AND EXISTS (SELECT FROM audit_streams WHERE id = $1 AND revision = $2)
  RETURNING ${sends} AS "goesOn"`,
    [
      id,
      revision,
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
  return rows[0]?.goesOn ?? false;
}

/** A failure of settings that were changed meanwhile is none of those that hold now. */
export async function fail(
  { id, revision }: Claimant,
  databaseId: string,
  error: string,
  behindSince: string | null,
): Promise<void> {
  await controlPool().query(
    `UPDATE audit_stream_cursors
        SET failures = failures + 1, error = $4, behind_since = coalesce($5::timestamptz, behind_since), checked_at = now(),
            next_try_at = ${nextTry}
      WHERE stream_id = $1 AND database_id = $3 AND EXISTS (SELECT FROM audit_streams WHERE id = $1 AND revision = $2)`,
    [id, revision, databaseId, error.slice(0, 1_000), behindSince],
  );
}

/** What kept a stream from asking any database; it stands at each that is due, and each waits as after a failure of its own. */
export async function failStream(stream: Claimant, error: string): Promise<void> {
  const { rows } = await controlPool().query<{ databaseId: string }>(
    `SELECT database_id AS "databaseId" FROM audit_stream_cursors
      WHERE stream_id = $1 AND next_try_at <= now() AND (lease_until IS NULL OR lease_until < now())`,
    [stream.id],
  );
  for (const { databaseId } of rows) await fail(stream, databaseId, error, null);
}

export async function releaseCursor(streamId: string, databaseId: string): Promise<void> {
  await controlPool().query(
    "UPDATE audit_stream_cursors SET lease_until = NULL WHERE stream_id = $1 AND database_id = $2",
    [streamId, databaseId],
  );
}

/** A database that was adopted since begins at its beginning; one that the stream asks no more, by its settings now, does not. */
export async function ensureCursor({ id, revision }: Claimant, databaseId: string): Promise<void> {
  await controlPool().query(
    `INSERT INTO audit_stream_cursors (stream_id, database_id, transaction_id, entry_id)
     SELECT id, $3, $4, $5 FROM audit_streams WHERE id = $1 AND revision = $2
     ON CONFLICT (stream_id, database_id) DO NOTHING`,
    [id, revision, databaseId, beginning.transactionId, beginning.entryId],
  );
}
