import type pg from "pg";
import type { Actor } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { withDatabase } from "../../fleet.ts";

// What went from tables that nobody records is in no log; PostgreSQL counts it all the same. Two readings tell how much went when.

interface CountedTable {
  oid: string;
  /** A partition counts for the table that it is part of. */
  schema: string;
  name: string;
  deletes: string;
  /** Whether a trigger of the log stands and fires. */
  recorded: boolean;
}

export interface RemovedRows {
  statsReset: string | null;
  tables: CountedTable[];
}

interface Watched {
  seenAt: string;
  statsReset: string | null;
  counts: Record<string, string>;
  unrecorded: string[];
}

/** Days after which what went is forgotten. */
const daysKept = 400;

/** Reads the counts of a database and notes what went from unrecorded tables since they were last read. */
export async function watchDeletes(actor: Actor, databaseId: string): Promise<void> {
  const removed = await withDatabase(databaseId, readRemovedRows);
  await inControl(actor, (_tx, client) => noteDeletes(client, databaseId, removed));
}

/** Rows that were ever removed, as PostgreSQL counted them; also those of transactions that were rolled back. */
export async function readRemovedRows(client: pg.PoolClient): Promise<RemovedRows> {
  const { rows: reset } = await client.query<{ at: string | null }>(
    `SELECT to_char(stats_reset AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
       FROM pg_stat_database WHERE datname = current_database()`,
  );
  const { rows: tables } = await client.query<CountedTable>(
    `SELECT c.oid::text AS oid, n.nspname AS schema, root.relname AS name, pg_stat_get_tuples_deleted(c.oid)::text AS deletes,
            (SELECT count(*) FROM pg_trigger t
              WHERE t.tgrelid IN (c.oid, root.oid) AND t.tgname = 'caretaker_delete' AND t.tgenabled = 'A')
              = CASE WHEN root.oid = c.oid THEN 1 ELSE 2 END AS recorded
       FROM pg_class c
       JOIN pg_class root ON root.oid = coalesce(pg_partition_root(c.oid), c.oid)
       JOIN pg_namespace n ON n.oid = root.relnamespace
      WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'caretaker')`,
  );
  return { statsReset: reset[0]?.at ?? null, tables };
}

/** Writes down what went since the last reading. Of the first one it is what went since PostgreSQL counts. */
export async function noteDeletes(client: pg.PoolClient, databaseId: string, removed: RemovedRows): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended('watched_deletes ' || $1, 0))", [databaseId]);
  const before = await readWatched(client, databaseId);
  await writeGains(client, databaseId, gainsOf(before, removed), before?.seenAt ?? null, removed.statsReset);
  const counted = removed.tables.filter(({ deletes }) => deletes !== "0");
  await client.query(
    `INSERT INTO watched_deletes (database_id, seen_at, stats_reset, counts, unrecorded) VALUES ($1, now(), $2, $3, $4)
     ON CONFLICT (database_id) DO UPDATE
        SET seen_at = excluded.seen_at, stats_reset = excluded.stats_reset, counts = excluded.counts, unrecorded = excluded.unrecorded`,
    [
      databaseId,
      removed.statsReset,
      JSON.stringify(Object.fromEntries(counted.map(({ oid, deletes }) => [oid, deletes]))),
      removed.tables.filter(({ recorded }) => !recorded).map(({ oid }) => oid),
    ],
  );
  await client.query(
    "DELETE FROM unrecorded_deletions WHERE database_id = $1 AND until < now() - make_interval(days => $2)",
    [databaseId, daysKept],
  );
}

async function readWatched(client: pg.PoolClient, databaseId: string): Promise<Watched | null> {
  const { rows } = await client.query<Watched>(
    `SELECT seen_at::text AS "seenAt", stats_reset AS "statsReset", counts, unrecorded
       FROM watched_deletes WHERE database_id = $1`,
    [databaseId],
  );
  return rows[0] ?? null;
}

interface Gain {
  schema: string;
  name: string;
  rows: bigint;
  beganAnew: boolean;
}

/** A table that was recorded at one reading and not at the other may have lost all of them unrecorded. */
function gainsOf(before: Watched | null, { statsReset, tables }: RemovedRows): Gain[] {
  const was = new Set(before?.unrecorded);
  const gains = new Map<string, Gain>();
  for (const { oid, schema, name, deletes, recorded } of tables) {
    if (recorded && !was.has(oid)) continue;
    const now = BigInt(deletes);
    const then = BigInt(before?.counts[oid] ?? 0);
    const beganAnew = before !== null && (before.statsReset !== statsReset || now < then);
    const rows = beganAnew ? now : now - then;
    if (rows === 0n) continue;
    const key = JSON.stringify([schema, name]);
    const held = gains.get(key);
    gains.set(key, {
      schema,
      name,
      rows: rows + (held?.rows ?? 0n),
      beganAnew: beganAnew || (held?.beganAnew ?? false),
    });
  }
  return [...gains.values()];
}

/** A backend may report as late as a minute after it removed. */
async function writeGains(
  client: pg.PoolClient,
  databaseId: string,
  gains: readonly Gain[],
  seenAt: string | null,
  statsReset: string | null,
): Promise<void> {
  if (gains.length === 0) return;
  await client.query(
    `WITH gained AS (
       SELECT * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::boolean[]) AS g (schema, name, rows, began_anew)
     ), grown AS (
       UPDATE unrecorded_deletions u
          SET rows = u.rows + g.rows, began_anew = u.began_anew OR g.began_anew, until = now()
         FROM gained g
        WHERE u.database_id = $1 AND u.schema = g.schema AND u.table_name = g.name
          AND date_trunc('day', u.until, 'UTC') = date_trunc('day', now(), 'UTC') AND u.since > now() - interval '1 day'
       RETURNING u.schema, u.table_name AS name
     )
     INSERT INTO unrecorded_deletions (database_id, schema, table_name, rows, began_anew, since, until)
     SELECT $1, schema, name, rows, began_anew, coalesce($6::timestamptz - interval '1 minute', $7::timestamptz), now()
       FROM gained
      WHERE (schema, name) NOT IN (SELECT schema, name FROM grown)`,
    [
      databaseId,
      gains.map(({ schema }) => schema),
      gains.map(({ name }) => name),
      gains.map(({ rows }) => rows.toString()),
      gains.map(({ beganAnew }) => beganAnew),
      seenAt,
      statsReset,
    ],
  );
}
