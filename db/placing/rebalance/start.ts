import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import type { StartRebalance } from "../inputs.ts";
import { previewRebalance } from "./preview.ts";

/** Puts the moves of the plan that was shown into the queue. @throws Refusal `stale_plan` when it is another one by now. */
export async function startRebalance(actor: Actor, input: StartRebalance): Promise<{ rebalanceId: string }> {
  authorise(actor, "tenants.move");
  const plan = await previewRebalance(actor, input.limit);
  if (plan.moves.length === 0)
    throw new Refusal("conflict", "There is nothing to move.", { fix: "Look at the plan again." });
  return inControl(
    actor,
    async (tx, client) => {
      const need = { verb: "rebalance.start", tier: "costly" as const, subject: "the fleet", planHash: plan.hash };
      await requireConsent(tx, actor, need, input);
      // Two at once would each reckon with the room that the other fills.
      await client.query("LOCK TABLE rebalances IN SHARE ROW EXCLUSIVE MODE");
      const { rows: running } = await client.query("SELECT FROM rebalances WHERE state = 'running'");
      if (running.length > 0)
        throw new Refusal("conflict", "Another rebalancing is running.", { fix: "Wait for it, or stop it." });
      const { rows } = await client.query<{ id: string }>(
        `INSERT INTO rebalances (plan_hash, "limit", plan, reason, actor_name, staff_id) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
        [plan.hash, plan.limit, JSON.stringify(plan), input.reason || null, actor.name, actor.staffId],
      );
      const id = rows[0]?.id ?? "";
      await client.query(
        `INSERT INTO rebalance_moves (rebalance_id, ordinal, tenant_id, from_server_id, to_server_id, bytes)
         SELECT $1, ordinal, "tenantId", "fromServerId", "toServerId", round(bytes)::bigint
           FROM ROWS FROM (jsonb_to_recordset($2) AS ("tenantId" uuid, "fromServerId" uuid, "toServerId" uuid, bytes float8)) WITH ORDINALITY
                AS one ("tenantId", "fromServerId", "toServerId", bytes, ordinal)`,
        [id, JSON.stringify(plan.moves)],
      );
      return { rebalanceId: id };
    },
    { reason: input.reason ?? null },
  );
}

/** What waits is not begun any more; what is being moved goes on and can be stopped as a move. */
export async function stopRebalance(actor: Actor, { rebalanceId }: { rebalanceId: string }): Promise<void> {
  authorise(actor, "tenants.move");
  await inControl(actor, async (_tx, client) => {
    const { rowCount } = await client.query(
      "UPDATE rebalances SET state = 'stopped', ended_at = now() WHERE id = $1 AND state = 'running'",
      [rebalanceId],
    );
    if (rowCount === 0) throw new Refusal("conflict", "It is over already.", { fix: "Reload the page." });
    await client.query("UPDATE rebalance_moves SET state = 'skipped' WHERE rebalance_id = $1 AND state = 'queued'", [
      rebalanceId,
    ]);
  });
}
