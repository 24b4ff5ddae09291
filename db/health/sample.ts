import type pg from "pg";
import type { Actor } from "../actor.ts";
import { noteDeletes, type RemovedRows, readRemovedRows } from "../audit/coverage/watch-deletes.ts";
import { inControl } from "../control.ts";
import { consoleDatabase, withDatabase } from "../fleet.ts";
import { type Readings, readReadings } from "./readings.ts";

interface SeenIndex {
  oid: string;
  scans: string;
}

interface Reading {
  readings: Readings;
  indexes: SeenIndex[];
  removed: RemovedRows;
}

/** Reads one database's counters and stores them. Nothing on the server is ever reset. */
export async function sampleDatabase(actor: Actor, databaseId: string): Promise<void> {
  const reading = await withDatabase(databaseId, async (client): Promise<Reading> => {
    const readings = await readReadings(client);
    const { rows: indexes } = await client.query<SeenIndex>(
      "SELECT indexrelid::text AS oid, idx_scan::text AS scans FROM pg_stat_user_indexes",
    );
    return { readings, indexes, removed: await readRemovedRows(client) };
  });
  await inControl(actor, async (_tx, client) => {
    await client.query("INSERT INTO health_samples (database_id, readings) VALUES ($1, $2)", [
      databaseId,
      JSON.stringify(reading.readings),
    ]);
    await watchIndexes(client, databaseId, reading.indexes);
    // What the console's own log leaves out are measurements.
    if (databaseId !== consoleDatabase) await noteDeletes(client, databaseId, reading.removed);
    await client.query(
      "DELETE FROM health_samples WHERE database_id = $1 AND sampled_at < now() - interval '30 days'",
      [databaseId],
    );
  });
}

/**
 * A counter that grew was used. One that fell was reset, and may have been used in between: both begin the watch anew.
 * So does a gap of two days between samples.
 */
async function watchIndexes(client: pg.PoolClient, databaseId: string, indexes: SeenIndex[]): Promise<void> {
  await client.query(
    `INSERT INTO watched_indexes AS w (database_id, index_oid, scans)
     SELECT $1, * FROM unnest($2::text[], $3::bigint[])
     ON CONFLICT (database_id, index_oid) DO UPDATE
        SET scans = excluded.scans,
            last_seen_at = now(),
            last_used_at = CASE
              WHEN excluded.scans <> w.scans OR w.last_seen_at < now() - interval '2 days' THEN now()
              ELSE w.last_used_at
            END`,
    [databaseId, indexes.map(({ oid }) => oid), indexes.map(({ scans }) => scans)],
  );
  await client.query("DELETE FROM watched_indexes WHERE database_id = $1 AND index_oid <> ALL ($2::text[])", [
    databaseId,
    indexes.map(({ oid }) => oid),
  ]);
}
