import type pg from "pg";
import { controlPool } from "../control.ts";

/** Counters as the server printed them. They only grow, until somebody resets them or the server crashes. */
export interface Readings {
  heapRead: string;
  heapHit: string;
  indexRead: string;
  indexHit: string;
  commits: string;
  rollbacks: string;
  deadlocks: string;
  tempBytes: string;
  /** Null when nobody ever did. */
  statsReset: string | null;
}

export interface Sample {
  readings: Readings;
  sampledAt: string;
}

export const readingsSql = `SELECT t.heap_read::text AS "heapRead", t.heap_hit::text AS "heapHit",
       i.index_read::text AS "indexRead", i.index_hit::text AS "indexHit",
       d.xact_commit::text AS commits, d.xact_rollback::text AS rollbacks, d.deadlocks::text AS deadlocks,
       d.temp_bytes::text AS "tempBytes", d.stats_reset::text AS "statsReset"
  FROM pg_stat_database d
 CROSS JOIN (SELECT coalesce(sum(heap_blks_read), 0) AS heap_read, coalesce(sum(heap_blks_hit), 0) AS heap_hit
               FROM pg_statio_user_tables) AS t
 CROSS JOIN (SELECT coalesce(sum(idx_blks_read), 0) AS index_read, coalesce(sum(idx_blks_hit), 0) AS index_hit
               FROM pg_statio_user_indexes) AS i
 WHERE d.datname = current_database()`;

export async function readReadings(client: pg.PoolClient): Promise<Readings> {
  const { rows } = await client.query<Readings>(readingsSql);
  const [readings] = rows;
  if (!readings) throw new Error("The server keeps no statistics of this database.");
  return readings;
}

/** The newest sample that is old enough for a rate, and young enough to speak of now: 5 to 60 minutes. */
export async function earlierSample(databaseId: string): Promise<Sample | null> {
  const { rows } = await controlPool().query<Sample>(
    `SELECT readings, to_char(sampled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "sampledAt"
       FROM health_samples
      WHERE database_id = $1
        AND sampled_at BETWEEN now() - interval '60 minutes' AND now() - interval '5 minutes'
      ORDER BY sampled_at DESC
      LIMIT 1`,
    [databaseId],
  );
  return rows[0] ?? null;
}

/** What a counter gained between two readings; null when the statistics began anew in between. */
export function gained(
  before: Readings,
  after: Readings,
  counter: Exclude<keyof Readings, "statsReset">,
): number | null {
  if (before.statsReset !== after.statsReset) return null;
  const difference = BigInt(after[counter]) - BigInt(before[counter]);
  return difference < 0n ? null : Number(difference);
}
