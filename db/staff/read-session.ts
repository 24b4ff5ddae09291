import type { Actor } from "../actor.ts";
import type { Role } from "../capabilities.ts";
import { controlPool } from "../control.ts";
import { staffActor } from "../mint.ts";
import type { Visit } from "./contract.ts";
import { hashOf } from "./secret-text.ts";

interface Row {
  id: string;
  staff_id: string;
  name: string;
  role: Role;
  reauthenticated_at: string | null;
  unseen: boolean;
}

/** What a session is read for: something that its person does, or what an open page asks by itself, which keeps nobody in. */
export type SessionRead = "use" | "poll";

/**
 * The actor of a session's secret, read anew at every request: null once the session is revoked, idle for 30 minutes or
 * 12 hours old, or its person is disabled or has another role than it was opened for. All by PostgreSQL's clock.
 */
export async function readSession(token: string, visit: Visit, read: SessionRead = "use"): Promise<Actor | null> {
  const { rows } = await controlPool().query<Row>(
    `SELECT session.id, session.staff_id, person.name, person.role, session.reauthenticated_at,
            session.last_seen_at < now() - interval '1 minute' AS unseen
       FROM sessions AS session
       JOIN staff AS person ON person.id = session.staff_id
      WHERE session.token_hash = $1
        AND session.revoked_at IS NULL
        AND session.expires_at > now()
        AND session.last_seen_at > now() - interval '30 minutes'
        AND session.role = person.role
        AND person.disabled_at IS NULL`,
    [hashOf(token)],
  );
  const [row] = rows;
  if (!row) return null;
  if (row.unseen && read === "use") await touch(row.id);
  return staffActor({
    staffId: row.staff_id,
    name: row.name,
    role: row.role,
    sessionId: row.id,
    reauthenticatedAt: row.reauthenticated_at,
    ...visit,
  });
}

/** Once a minute is enough to know an idle session, and spares a write at every request. */
async function touch(id: string): Promise<void> {
  await controlPool().query(
    "UPDATE sessions SET last_seen_at = now() WHERE id = $1 AND last_seen_at < now() - interval '1 minute'",
    [id],
  );
}
