import type { Actor } from "../../actor.ts";
import { controlPool, inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import type { JobKind } from "../../jobs/kind.ts";
import type { Schedule } from "../../jobs/schedule.ts";

/** Starts the move of one tenant to a server, and answers the move's id. The moves' own area knows how. */
export type Mover = (actor: Actor, move: { tenantId: string; serverId: string; reason: string }) => Promise<string>;

/** So many tenants are moved at once: each costs its two servers something. */
const atOnce = 2;

interface Item {
  rebalanceId: string;
  ordinal: number;
  tenantId: string;
  serverId: string;
  actorName: string;
}

/** Sees how far the moves have come and begins the next; looked at every minute, and safe to cut off anywhere. */
export function rebalanceSchedules(mover: Mover): Schedule[] {
  const run: JobKind = {
    kind: "placing.rebalance",
    async run(job) {
      await inControl(job.actor, async (_tx, client) => {
        await client.query(followSql);
        await client.query(endSql);
      });
      let begun = 0;
      for (const item of await nextItems()) {
        job.signal.throwIfAborted();
        if (await begin(job.actor, mover, item)) begun += 1;
      }
      return { begun };
    },
  };
  return [{ name: "placing.rebalance", cron: "* * * * *", run }];
}

/** A move that was begun just before a crash is found by its tenant, so that none is begun twice. */
const followSql = `
UPDATE rebalance_moves item
   SET state = CASE WHEN m.state IN ('moved', 'completing', 'completed') THEN 'moved' WHEN m.state = 'aborted' THEN 'failed' ELSE 'moving' END,
       error = CASE WHEN m.state = 'aborted' THEN coalesce(m.error, 'It was given up.') ELSE m.error END,
       move_id = m.id
  FROM rebalances r, moves m, placements p, databases d
 WHERE item.rebalance_id = r.id AND item.state IN ('queued', 'moving')
   AND m.tenant_id = item.tenant_id AND m.started_at >= r.started_at AND (item.move_id IS NULL OR item.move_id = m.id)
   AND p.id = m.to_placement_id AND d.id = p.database_id AND d.server_id = item.to_server_id`;

const endSql = `
UPDATE rebalances r SET state = 'done', ended_at = now()
 WHERE r.state = 'running'
   AND NOT EXISTS (SELECT FROM rebalance_moves item WHERE item.rebalance_id = r.id AND item.state IN ('queued', 'moving'))`;

async function nextItems(): Promise<Item[]> {
  const { rows } = await controlPool().query<Item>(
    `SELECT item.rebalance_id AS "rebalanceId", item.ordinal, item.tenant_id AS "tenantId", item.to_server_id AS "serverId", r.actor_name AS "actorName"
       FROM rebalances r
       JOIN rebalance_moves item ON item.rebalance_id = r.id AND item.state = 'queued'
      WHERE r.state = 'running'
      ORDER BY r.started_at, item.ordinal
      LIMIT greatest(0, $1 - (SELECT count(*) FROM rebalance_moves WHERE state = 'moving'))`,
    [atOnce],
  );
  return rows;
}

/** What cannot be moved says why, and the next one has its turn. */
async function begin(
  actor: Actor,
  mover: Mover,
  { rebalanceId, ordinal, tenantId, serverId, actorName }: Item,
): Promise<boolean> {
  const where = [rebalanceId, ordinal];
  try {
    const moveId = await mover(actor, { tenantId, serverId, reason: `Rebalancing, started by ${actorName}` });
    await inControl(actor, (_tx, client) =>
      client.query(
        "UPDATE rebalance_moves SET state = 'moving', move_id = $3 WHERE (rebalance_id, ordinal) = ($1, $2)",
        [...where, moveId],
      ),
    );
    return true;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code === "unreachable" || error.code === "timeout") throw error;
    await inControl(actor, (_tx, client) =>
      client.query("UPDATE rebalance_moves SET state = 'failed', error = $3 WHERE (rebalance_id, ordinal) = ($1, $2)", [
        ...where,
        `${error.message} ${error.fix ?? ""}`.trim(),
      ]),
    );
    return false;
  }
}
