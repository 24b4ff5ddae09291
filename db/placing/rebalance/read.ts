import { type Actor, authorise } from "../../actor.ts";
import { controlPool } from "../../control.ts";

export interface RebalanceItem {
  ordinal: number;
  tenantId: string;
  tenantName: string;
  from: string;
  to: string;
  bytes: number;
  state: "queued" | "moving" | "moved" | "failed" | "skipped";
  moveId: string | null;
  error: string | null;
}

export interface Rebalance {
  id: string;
  state: "running" | "done" | "stopped";
  limit: number;
  actorName: string;
  startedAt: string;
  endedAt: string | null;
  items: RebalanceItem[];
}

/** The newest rebalancing with its queue; null when there never was one. */
export async function newestRebalance(actor: Actor): Promise<Rebalance | null> {
  authorise(actor, "databases.read");
  const { rows } = await controlPool().query<Omit<Rebalance, "items">>(
    `SELECT id, state, "limit"::float8 AS "limit", actor_name AS "actorName",
            to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "startedAt",
            to_char(ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "endedAt"
       FROM rebalances ORDER BY started_at DESC LIMIT 1`,
  );
  const [newest] = rows;
  if (!newest) return null;
  const { rows: items } = await controlPool().query<RebalanceItem>(
    `SELECT item.ordinal, item.tenant_id AS "tenantId", t.name AS "tenantName", f.name AS "from", s.name AS "to", item.bytes::float8 AS bytes,
            item.state, item.move_id AS "moveId", item.error
       FROM rebalance_moves item
       JOIN tenants t ON t.id = item.tenant_id
       JOIN servers f ON f.id = item.from_server_id
       JOIN servers s ON s.id = item.to_server_id
      WHERE item.rebalance_id = $1
      ORDER BY item.ordinal
      LIMIT 1000`,
    [newest.id],
  );
  return { ...newest, items };
}
