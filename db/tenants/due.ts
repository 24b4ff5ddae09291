import { controlPool } from "../control.ts";
import type { NewJob } from "../jobs/enqueue.ts";

/**
 * A measurement of each database with a tenant that was never measured, or not for a day; none while one is under way, and one a
 * day: shared tables are sampled whole and divided, so that one new tenant would cost as much as all, each time one comes.
 */
export async function dueSizes(): Promise<NewJob[]> {
  const { rows } = await controlPool().query<{ id: string; name: string }>(
    `SELECT d.id, d.name
       FROM databases d
      WHERE d.adopted_at IS NOT NULL
        AND d.released_at IS NULL
        AND EXISTS (SELECT
                      FROM placements p
                      JOIN tenants t ON t.id = p.tenant_id
                     WHERE p.database_id = d.id AND p.state = 'open'
                       AND (t.sized_at IS NULL OR t.sized_at < now() - interval '1 day'))
        AND NOT EXISTS (SELECT
                          FROM jobs j
                         WHERE j.kind = 'tenants.size'
                           AND j.input ->> 'databaseId' = d.id::text
                           AND (j.state IN ('queued', 'running') OR j.created_at > now() - interval '1 hour'
                                OR j.state = 'done' AND j.finished_at > now() - interval '1 day'))
      ORDER BY d.name, d.id`,
  );
  return rows.map(({ id, name }) => ({
    kind: "tenants.size",
    title: `Sizes of the tenants of ${name}`,
    input: { databaseId: id },
  }));
}
