/**
 * Takes over how far each item's move has come. One that was begun just before a crash is found by its tenant, so that none is
 * begun twice; one that stopped is failed until somebody carries it on. `stopped` is SQL of why a move `m` stopped.
 */
export function followSql(stopped: string): string {
  return `
UPDATE rebalance_moves item
   SET state = stands.state, error = stands.error, move_id = stands.move_id
  FROM (SELECT item.rebalance_id, item.ordinal, m.id AS move_id,
               CASE WHEN m.state IN ('moved', 'completing', 'completed') THEN 'moved'
                    WHEN m.state = 'aborted' OR ${stopped} IS NOT NULL THEN 'failed'
                    ELSE 'moving' END AS state,
               CASE WHEN m.state IN ('moved', 'completing', 'completed') THEN NULL
                    WHEN m.state = 'aborted' THEN coalesce(m.error, 'It was given up.')
                    WHEN ${stopped} IS NOT NULL THEN ${stopped}
                    WHEN m.paused_at IS NOT NULL THEN 'Paused by ' || coalesce(m.paused_by, 'somebody') || '.'
                    WHEN m.state = 'ready' AND m.cutover <> 'ready' THEN 'Ready; the cutover waits for its time, or until somebody asks.'
               END AS error
          FROM rebalance_moves item
          JOIN rebalances r ON r.id = item.rebalance_id
          JOIN moves m ON m.tenant_id = item.tenant_id AND m.started_at >= r.started_at
          JOIN placements p ON p.id = m.to_placement_id
          JOIN databases d ON d.id = p.database_id AND d.server_id = item.to_server_id
         WHERE item.state IN ('queued', 'moving') AND (item.move_id IS NULL OR item.move_id = m.id)
            OR item.state = 'failed' AND item.move_id = m.id) AS stands
 WHERE (item.rebalance_id, item.ordinal) = (stands.rebalance_id, stands.ordinal)
   AND (item.state, item.error, item.move_id) IS DISTINCT FROM (stands.state, stands.error, stands.move_id)`;
}
