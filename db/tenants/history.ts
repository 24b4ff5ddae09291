import { type Actor, authorise } from "../actor.ts";
import { controlPool } from "../control.ts";
import type { SizeDay } from "./contract.ts";

/** What a tenant held, day by day, oldest first; a day on which nothing had changed is left out. */
export async function sizeHistory(actor: Actor, tenantId: string): Promise<SizeDay[]> {
  authorise(actor, "tenants.read");
  const { rows } = await controlPool().query<SizeDay>(
    `SELECT day::text, bytes::text, tables FROM (
       SELECT day, bytes, tables FROM tenant_size_days WHERE tenant_id = $1 ORDER BY day DESC LIMIT 60) AS newest
      ORDER BY day`,
    [tenantId],
  );
  return rows;
}
