import { controlPool } from "../control.ts";
import type { Mover } from "./rebalance/run.ts";

/** What the moves' area does for the queue, as far as the queue can see. */
export const begins: Mover = async (_actor, { tenantId, serverId }) => {
  const { rows } = await controlPool().query<{ id: string }>(
    `WITH target AS (
       INSERT INTO placements (tenant_id, tier, database_id, schema, state)
       SELECT $1, 'database', d.id, 'public', 'importing' FROM databases d WHERE d.server_id = $2 LIMIT 1
       RETURNING id
     )
     INSERT INTO moves (tenant_id, from_placement_id, to_placement_id, plan_hash, plan, cutover, actor_name)
     SELECT $1, p.id, target.id, 'hash', '{}', 'ready', 'test' FROM placements p, target WHERE p.tenant_id = $1 AND p.state = 'open'
     RETURNING id`,
    [tenantId, serverId],
  );
  return rows[0]?.id ?? "";
};
