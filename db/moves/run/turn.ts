import type { Actor } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { NotYet } from "../../jobs/kind.ts";

const againAfterS = 3;

/** The states in which a move loads both of its servers, and needs a turn for it. */
export const loadingStates = ["preparing", "copying", "indexing", "catching_up", "verifying"] as const;
const loading = loadingStates.map((state) => `'${state}'`).join(", ");

/** SQL of the moves that load a server now, as (move_id, server_id, tenant). */
const turns = `
SELECT DISTINCT o.id AS move_id, d.server_id, t.name AS tenant
  FROM moves o
  JOIN tenants t ON t.id = o.tenant_id
  JOIN jobs j ON j.id = o.job_id AND j.state IN ('queued', 'running')
  JOIN placements p ON p.id IN (o.from_placement_id, o.to_placement_id)
  JOIN databases d ON d.id = p.database_id
 WHERE o.turn_at IS NOT NULL AND o.paused_at IS NULL AND o.error IS NULL AND o.state IN (${loading})`;

/** SQL of how many moves load the busier one of a move's servers, itself among them; `m` is the move. */
export const besideSql = `(
  SELECT coalesce(max(loads.count), 1)::int
    FROM (SELECT count(*) AS count FROM (${turns}) AS turn
           WHERE turn.server_id IN (SELECT d.server_id FROM placements p JOIN databases d ON d.id = p.database_id
                                     WHERE p.id IN (m.from_placement_id, m.to_placement_id))
           GROUP BY turn.server_id) AS loads)`;

/**
 * Lets a move begin, or go on, to load its servers when both have room for it. One that has its turn keeps it, whichever worker has
 * it, until it is ready, paused or stopped.
 *
 * @throws NotYet while it must wait; what for stands with the move.
 */
export async function takeTurn(actor: Actor, moveId: string, jobId: string): Promise<void> {
  const wait = await inControl(actor, async (_tx, client) => {
    // Two that ask at once follow one another.
    await client.query("SELECT pg_advisory_xact_lock(hashtext('caretaker turns of moves'))");
    const { rows } = await client.query<{ server: string; atOnce: number; tenants: string[] }>(
      `SELECT s.name AS server, s.moves_at_once AS "atOnce",
              (SELECT array_agg(turn.tenant ORDER BY turn.tenant) FROM (${turns}) AS turn WHERE turn.server_id = s.id) AS tenants
         FROM moves m
         JOIN servers s ON s.id IN (SELECT d.server_id FROM placements p JOIN databases d ON d.id = p.database_id
                                     WHERE p.id IN (m.from_placement_id, m.to_placement_id))
        WHERE m.id::text = $1 AND m.job_id = $2 AND m.turn_at IS NULL AND m.paused_at IS NULL AND m.state IN (${loading})
          AND s.moves_at_once <= (SELECT count(*) FROM (${turns}) AS turn WHERE turn.server_id = s.id)
        ORDER BY s.name LIMIT 1`,
      [moveId, jobId],
    );
    const [full] = rows;
    const held = full ? waitFor(full) : null;
    await client.query(
      `UPDATE moves SET held = $3, turn_at = CASE WHEN $3::text IS NULL THEN now() END
        WHERE id::text = $1 AND job_id = $2 AND turn_at IS NULL AND paused_at IS NULL AND state IN (${loading})`,
      [moveId, jobId, held],
    );
    return held;
  });
  if (wait !== null) throw new NotYet(wait, againAfterS);
}

function waitFor({ server, atOnce, tenants }: { server: string; atOnce: number; tenants: string[] }): string {
  const one = tenants.length === 1;
  return `Waits for ${tenants.join(" and ")}, whose ${one ? "move has" : "moves have"} the turn on ${server}: it lets ${atOnce} copy at a time.`;
}
