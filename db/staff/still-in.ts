import type { Actor } from "../actor.ts";
import { controlPool } from "../control.ts";

/** For answers that last longer than a request: whether the session (or person, for an API token) still stands. It is not used by that. */
export async function isStillIn(actor: Actor): Promise<boolean> {
  const { rowCount } = await controlPool().query(
    `SELECT 1 FROM staff AS person
      WHERE person.id = $1 AND person.disabled_at IS NULL AND person.role = $2
        AND ($3::uuid IS NULL OR EXISTS (SELECT 1 FROM sessions
                                          WHERE id = $3 AND revoked_at IS NULL AND expires_at > now()
                                            AND last_seen_at > now() - interval '30 minutes'))`,
    [actor.staffId, actor.role, actor.sessionId],
  );
  return rowCount === 1;
}
