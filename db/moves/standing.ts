import { type Actor, authorise } from "../actor.ts";
import { controlPool } from "../control.ts";
import type { MoveFilter, MovesStanding } from "./contract.ts";
import { stopped } from "./move.ts";

/** How many moves of the fleet, a database or a tenant run, wait for somebody, or can be completed. */
export async function movesStanding(
  actor: Actor,
  { tenantId, databaseId }: Pick<MoveFilter, "tenantId" | "databaseId">,
): Promise<MovesStanding> {
  authorise(actor, "tenants.read");
  const { rows } = await controlPool().query<MovesStanding>(
    `SELECT count(*) FILTER (WHERE standing = 'failed')::float8 AS failed,
            count(*) FILTER (WHERE standing = 'paused')::float8 AS paused,
            count(*) FILTER (WHERE standing = 'ready')::float8 AS ready,
            count(*) FILTER (WHERE standing = 'reversible')::float8 AS reversible,
            count(*) FILTER (WHERE standing = 'completable')::float8 AS completable,
            count(*) FILTER (WHERE standing = 'running')::float8 AS running
       FROM (SELECT CASE WHEN ${stopped} IS NOT NULL OR m.silent_since < now() - interval '10 minutes' THEN 'failed'
                         WHEN m.paused_at IS NOT NULL THEN 'paused'
                         WHEN m.state = 'ready' THEN 'ready'
                         WHEN m.state <> 'moved' THEN 'running'
                         WHEN m.moved_at + make_interval(hours => m.grace_hours) <= now() THEN 'completable'
                         ELSE 'reversible' END AS standing
               FROM moves m
               JOIN placements f ON f.id = m.from_placement_id
               JOIN placements p ON p.id = m.to_placement_id
              WHERE m.state NOT IN ('completed', 'aborted')
                AND ($1::uuid IS NULL OR m.tenant_id = $1)
                AND ($2::uuid IS NULL OR $2 IN (f.database_id, p.database_id))) AS open_moves`,
    [tenantId ?? null, databaseId ?? null],
  );
  const [standing] = rows;
  if (!standing) throw new Error("A count gave no row.");
  return standing;
}
