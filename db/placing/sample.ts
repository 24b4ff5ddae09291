import type pg from "pg";
import { controlPool, inControl } from "../control.ts";
import { withDatabase } from "../fleet.ts";
import { connectServer } from "../fleet-register.ts";
import type { JobKind } from "../jobs/kind.ts";
import type { Schedule } from "../jobs/schedule.ts";

/** What one connection can read of its whole server; a database that may not be read is left out of the sum. */
const sql = `SELECT (SELECT coalesce(sum(pg_database_size(oid)), 0)::float8 FROM pg_database
                      WHERE has_database_privilege(oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE')) AS used,
                    (SELECT coalesce(sum(active_time), 0) FROM pg_stat_database) AS active`;

const keptDays = 30;

interface Reading {
  used: number;
  active: number;
}

/** One reading of every server, through whichever of its databases answers first; a new one manages none yet. */
export const sampleServers: JobKind = {
  kind: "placing.sample",
  async run(job) {
    const { rows } = await controlPool().query<{ serverId: string; databases: string[] | null }>(
      `SELECT s.id AS "serverId", array_agg(d.id ORDER BY d.adopted_at) FILTER (WHERE d.id IS NOT NULL) AS databases
         FROM servers s
         LEFT JOIN databases d ON d.server_id = s.id AND d.adopted_at IS NOT NULL AND d.released_at IS NULL
        WHERE s.removed_at IS NULL
        GROUP BY s.id`,
    );
    let sampled = 0;
    for (const { serverId, databases } of rows) {
      job.signal.throwIfAborted();
      const reading = (await firstAnswer(databases ?? [])) ?? (await maintenanceAnswer(serverId));
      if (reading === null) {
        job.log(`No sample of server ${serverId}.`);
        continue;
      }
      sampled += 1;
      await inControl(job.actor, async (_tx, client) => {
        await client.query("INSERT INTO server_samples (server_id, used_bytes, active_ms) VALUES ($1, $2, $3)", [
          serverId,
          Math.round(reading.used),
          reading.active,
        ]);
        await client.query(
          "DELETE FROM server_samples WHERE server_id = $1 AND sampled_at < now() - make_interval(days => $2)",
          [serverId, keptDays],
        );
      });
    }
    return { sampled };
  },
};

async function firstAnswer(databaseIds: readonly string[]): Promise<Reading | null> {
  for (const databaseId of databaseIds) {
    try {
      return await withDatabase(databaseId, read);
    } catch {
      // The next one may answer, or the server apart from its databases.
    }
  }
  return null;
}

async function maintenanceAnswer(serverId: string): Promise<Reading | null> {
  try {
    const client = await connectServer(serverId);
    return await read(client).finally(() => client.end());
  } catch {
    return null; // the server has a gap
  }
}

async function read(client: pg.ClientBase): Promise<Reading | null> {
  return (await client.query<Reading>(sql)).rows[0] ?? null;
}

export const placingSchedules: Schedule[] = [{ name: "placing.sample", cron: "*/5 * * * *", run: sampleServers }];
