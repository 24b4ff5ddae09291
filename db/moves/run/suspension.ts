import { inControl } from "../../control.ts";
import { admitStatement, suspendStatement } from "../../managed/moving/suspension.ts";
import type { Move } from "../move.ts";
import type { End, Pair } from "../pair.ts";
import { isOneDatabase } from "../pair.ts";
import type { Hands } from "./hands.ts";

/** Before the writers move: the place that is about to open refuses a suspended tenant as the open one does. */
export async function carrySuspension(pair: Pair): Promise<void> {
  if (isOneDatabase(pair)) return;
  const { from, to } = pair;
  const { rows } = await from.client.query<{ reason: string; at: string }>(
    "SELECT reason, suspended_at::text AS at FROM caretaker.suspended_tenants WHERE tenant_key = $1",
    [from.standing.tenantKey],
  );
  const [suspended] = rows;
  if (suspended) await refuse(to, suspended.reason, suspended.at);
  else await to.client.query(admitStatement(to.standing.tenantKey).sql);
}

/** After they moved: one that was suspended meanwhile, at the place that was left, is refused here too. Whoever suspends it holds its row. */
export async function keepSuspended({ actor, pair }: Hands, move: Move, open: End): Promise<void> {
  if (isOneDatabase(pair)) return;
  await inControl(actor, async (_tx, client) => {
    const { rows } = await client.query<{ reason: string | null; at: string }>(
      "SELECT status_reason AS reason, status_changed_at::text AS at FROM tenants WHERE id = $1 AND status = 'suspended' FOR SHARE",
      [move.tenantId],
    );
    const [suspended] = rows;
    if (suspended) await refuse(open, suspended.reason ?? "", suspended.at);
  });
}

async function refuse({ client, standing }: End, reason: string, at: string): Promise<void> {
  await client.query(suspendStatement(standing.tenantKey, reason, at).sql);
}
