import { controlPool, inControl } from "../control.ts";
import { withDatabase } from "../fleet.ts";
import type { JobKind } from "../jobs/kind.ts";
import type { Schedule } from "../jobs/schedule.ts";

/** What one connection can read of its whole server; a database that may not be read is left out of the sum. */
const sql = `SELECT (SELECT coalesce(sum(pg_database_size(oid)), 0)::float8 FROM pg_database
                      WHERE has_database_privilege(oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE')) AS used,
                    (SELECT coalesce(sum(active_time), 0) FROM pg_stat_database) AS active`;

const keptDays = 30;

/** One reading of every server, through whichever of its databases answers first. */
export const sampleServers: JobKind = {
  kind: "placing.sample",
  async run(job) {
    const { rows } = await controlPool().query<{ serverId: string; databases: string[] }>(
      `SELECT s.id AS "serverId", array_agg(d.id ORDER BY d.adopted_at) AS databases
         FROM servers s
         JOIN databases d ON d.server_id = s.id AND d.adopted_at IS NOT NULL AND d.released_at IS NULL
        WHERE s.removed_at IS NULL
        GROUP BY s.id`,
    );
    let sampled = 0;
    for (const { serverId, databases } of rows) {
      job.signal.throwIfAborted();
      const read = await firstAnswer(databases);
      if (read === null) {
        job.log(`No sample of server ${serverId}.`);
        continue;
      }
      sampled += 1;
      await inControl(job.actor, async (_tx, client) => {
        await client.query("INSERT INTO server_samples (server_id, used_bytes, active_ms) VALUES ($1, $2, $3)", [
          serverId,
          Math.round(read.used),
          read.active,
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

async function firstAnswer(databaseIds: readonly string[]): Promise<{ used: number; active: number } | null> {
  for (const databaseId of databaseIds) {
    try {
      return await withDatabase(
        databaseId,
        async (client) => (await client.query<{ used: number; active: number }>(sql)).rows[0] ?? null,
      );
    } catch {
      // The next one may answer; where none does, the server has a gap.
    }
  }
  return null;
}

export const placingSchedules: Schedule[] = [{ name: "placing.sample", cron: "*/5 * * * *", run: sampleServers }];
