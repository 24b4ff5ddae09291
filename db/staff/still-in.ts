import type { Actor } from "../actor.ts";
import { controlPool } from "../control.ts";

/** For answers that last longer than a request: whether the session or the API token still stands. It is not used by that. */
export async function isStillIn(actor: Actor): Promise<boolean> {
  const { rowCount } = await controlPool().query(
    `SELECT 1 FROM staff AS person
      WHERE person.id = $1 AND person.disabled_at IS NULL AND person.role = $2
        AND ($3::uuid IS NULL OR EXISTS (SELECT 1 FROM sessions
                                          WHERE id = $3 AND revoked_at IS NULL AND expires_at > now()
                                            AND last_seen_at > now() - interval '30 minutes'))
        AND ($4::uuid IS NULL OR EXISTS (SELECT 1 FROM api_tokens
                                          WHERE id = $4 AND revoked_at IS NULL AND expires_at > now()))`,
    [actor.staffId, actor.role, actor.sessionId, actor.apiToken?.id ?? null],
  );
  return rowCount === 1;
}
