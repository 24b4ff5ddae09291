import { createHash } from "node:crypto";
import type { Actor } from "../../actor.ts";
import { controlPool } from "../../control.ts";
import type { ServerStanding } from "../contract.ts";
import { readServers } from "../read.ts";
import { type MovableTenant, planRebalance, type RebalancePlan } from "./plan.ts";

export interface RebalancePreview extends RebalancePlan {
  hash: string;
  /** Tenants whose size is not known, which the plan cannot reckon with. */
  unsized: number;
}

/** Which tenants to move so that no server passes the limit, in percent. Changes nothing. */
export async function previewRebalance(actor: Actor, limit: number): Promise<RebalancePreview> {
  const servers = await readServers(actor);
  const { tenants, unsized } = await readTenants(servers);
  const plan = planRebalance(servers, tenants, limit / 100);
  const agreed = plan.moves.map(({ tenantId, fromServerId, toServerId }) => [tenantId, fromServerId, toServerId]);
  return {
    ...plan,
    unsized,
    hash: createHash("sha256")
      .update(JSON.stringify([limit, agreed]))
      .digest("hex"),
  };
}

interface TenantLine extends Omit<MovableTenant, "load"> {
  sized: boolean;
  /** Recorded in its newest day. */
  writes: number;
}

/** A tenant's part of its server's load is taken to be its part of the writes recorded there, or of the bytes where none were. */
async function readTenants(servers: readonly ServerStanding[]): Promise<{ tenants: MovableTenant[]; unsized: number }> {
  const { rows } = await controlPool().query<TenantLine>(
    `SELECT t.id, t.name, d.server_id AS "serverId", p.tier, coalesce(t.size_bytes, 0)::float8 AS bytes, t.size_bytes IS NOT NULL AS sized,
            coalesce(t.residency, policy.region) AS residency, coalesce(t.writes, 0)::float8 AS writes,
            CASE WHEN EXISTS (SELECT FROM moves m WHERE m.tenant_id = t.id AND m.state NOT IN ('completed', 'aborted')) THEN 'it is being moved'
                 WHEN t.status = 'archived' THEN 'it is archived'
                 WHEN policy.kind = 'pinned' THEN 'its application is pinned to one server'
            END AS held
       FROM tenants t
       JOIN placements p ON p.tenant_id = t.id AND p.state = 'open'
       JOIN databases d ON d.id = p.database_id
       LEFT JOIN placement_policies policy ON policy.home_database_id = t.home_database_id
      ORDER BY t.id`,
  );
  const held = Map.groupBy(rows, ({ serverId }) => serverId);
  const sums = new Map([...held].map(([id, of]) => [id, { bytes: sum(of, "bytes"), writes: sum(of, "writes") }]));
  const loads = new Map(servers.map(({ id, load }) => [id, load ?? 0]));
  return {
    tenants: rows.map(({ sized: _sized, writes, ...one }) => {
      const all = sums.get(one.serverId) ?? { bytes: 0, writes: 0 };
      const part = all.writes > 0 ? writes / all.writes : all.bytes > 0 ? one.bytes / all.bytes : 0;
      return { ...one, load: (loads.get(one.serverId) ?? 0) * part };
    }),
    unsized: rows.filter(({ sized }) => !sized).length,
  };
}

function sum(lines: readonly TenantLine[], what: "bytes" | "writes"): number {
  return lines.reduce((total, line) => total + line[what], 0);
}
