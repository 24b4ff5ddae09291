import type { Actor } from "../../actor.ts";
import { controlPool, inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { failureOf, isInterruption, isTransient } from "../../jobs/finish.ts";
import type { JobKind, RunningJob } from "../../jobs/kind.ts";
import type { Schedule } from "../../jobs/schedule.ts";
import { followSql } from "./follow.ts";

/** Starts the move of one tenant to a server, and answers the move's id. The moves' own area knows how. */
export type Mover = (actor: Actor, move: { tenantId: string; serverId: string; reason: string }) => Promise<string>;

/** So many tenants are moved at once: each costs its two servers something. */
const atOnce = 2;

interface Item {
  rebalanceId: string;
  ordinal: number;
  tenantId: string;
  fromServerId: string;
  serverId: string;
  actorName: string;
}

/**
 * Sees how far the moves have come and begins the next; looked at every minute, and safe to cut off anywhere. `stopped` is SQL of
 * why a move `m` stopped, as the moves' own area says it.
 */
export function rebalanceSchedules(mover: Mover, stopped: string): Schedule[] {
  const run: JobKind = {
    kind: "placing.rebalance",
    async run(job) {
      await inControl(job.actor, async (_tx, client) => {
        await client.query(followSql(stopped));
        await client.query(endSql);
      });
      return { begun: await beginNext(job, mover) };
    },
  };
  return [{ name: "placing.rebalance", cron: "* * * * *", run }];
}

const endSql = `
UPDATE rebalances r SET state = 'done', ended_at = now()
 WHERE r.state = 'running'
   AND NOT EXISTS (SELECT FROM rebalance_moves item WHERE item.rebalance_id = r.id AND item.state IN ('queued', 'moving'))`;

/** Begins as many as there is room for. Where a server is away, the other items between the same two wait for the next look. */
async function beginNext(job: RunningJob, mover: Mover): Promise<number> {
  const room = await readRoom();
  if (room <= 0) return 0;
  const away = new Set<string>();
  let begun = 0;
  for (const item of await queuedItems()) {
    job.signal.throwIfAborted();
    const between = `${item.fromServerId} ${item.serverId}`;
    if (away.has(between)) continue;
    const came = await begin(job, mover, item);
    if (came === "away") away.add(between);
    if (came === "begun") begun += 1;
    if (begun >= room) break;
  }
  return begun;
}

/** One that is being moved and says why it does not go on waits for a person, and takes nobody's turn. */
async function readRoom(): Promise<number> {
  const { rows } = await controlPool().query<{ moving: number }>(
    "SELECT count(*)::int AS moving FROM rebalance_moves WHERE state = 'moving' AND error IS NULL",
  );
  return atOnce - (rows[0]?.moving ?? 0);
}

/** Those that could not be begun the last time come after all others. */
async function queuedItems(): Promise<Item[]> {
  const { rows } = await controlPool().query<Item>(
    `SELECT item.rebalance_id AS "rebalanceId", item.ordinal, item.tenant_id AS "tenantId", item.from_server_id AS "fromServerId",
            item.to_server_id AS "serverId", r.actor_name AS "actorName"
       FROM rebalances r
       JOIN rebalance_moves item ON item.rebalance_id = r.id AND item.state = 'queued'
      WHERE r.state = 'running'
      ORDER BY item.error IS NOT NULL, r.started_at, item.ordinal`,
  );
  return rows;
}

/** What cannot be moved says why, and the next one has its turn. What may pass stays in the queue and is tried again. */
async function begin(job: RunningJob, mover: Mover, item: Item): Promise<"begun" | "failed" | "late" | "away"> {
  const { tenantId, serverId, actorName } = item;
  let moveId: string;
  try {
    moveId = await mover(job.actor, { tenantId, serverId, reason: `Rebalancing, started by ${actorName}` });
  } catch (error) {
    const { message, reference } = failureOf(error);
    if (reference) job.log(`${reference}: ${error instanceof Error ? error.stack : error}`);
    const came = comesFrom(error);
    await note(job.actor, item, { state: came === "failed" ? "failed" : "queued", moveId: null, error: message });
    return came;
  }
  await note(job.actor, item, { state: "moving", moveId, error: null });
  return "begun";
}

function comesFrom(error: unknown): "failed" | "late" | "away" {
  const code = error instanceof Refusal ? error.code : null;
  if (code === "unreachable" || isInterruption(error)) return "away";
  return code === "timeout" || isTransient(error) ? "late" : "failed";
}

interface Standing {
  state: "queued" | "moving" | "failed";
  moveId: string | null;
  error: string | null;
}

async function note(actor: Actor, { rebalanceId, ordinal }: Item, { state, moveId, error }: Standing): Promise<void> {
  await inControl(actor, (_tx, client) =>
    client.query(
      "UPDATE rebalance_moves SET state = $3, move_id = $4, error = $5 WHERE (rebalance_id, ordinal) = ($1, $2) AND state = 'queued'",
      [rebalanceId, ordinal, state, moveId, error],
    ),
  );
}
