import { controlPool } from "../control.ts";
import { isInFleet } from "../schema/evidence.ts";
import type { GoneBackups } from "./contract.ts";

/** Databases that left the fleet and of which backups are kept, by name. */
export async function goneDatabases(): Promise<GoneBackups[]> {
  const { rows } = await controlPool().query<GoneBackups>(
    `SELECT b.database_id AS "databaseId", (array_agg(b.database_name ORDER BY b.started_at DESC))[1] AS name,
            (SELECT r.keep_days FROM backup_retentions AS r
              WHERE r.database_id = b.database_id AND r.replaced_at IS NULL) AS "keepDays",
            count(*)::int AS backups, coalesce(sum(b.bytes), 0)::text AS bytes,
            jsonb_build_object('id', (array_agg(b.id ORDER BY b.started_at DESC))[1],
                               'startedAt', to_char(max(b.started_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) AS newest
       FROM backups AS b
      WHERE b.state IN ('good', 'damaged', 'missing') AND NOT ${isInFleet}
      GROUP BY b.database_id ORDER BY 2, 1`,
  );
  return rows;
}
