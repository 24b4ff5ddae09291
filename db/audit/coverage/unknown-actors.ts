import { type Actor, authorise } from "../../actor.ts";
import { withDatabase } from "../../fleet.ts";
import type { UnknownActor, UnknownActors } from "./contract.ts";

const days = 7;
const lookedAt = 50_000;
const groupsMax = 20;

/** Who wrote without saying who acts: by database role and application_name, so that the program can be found and mended. */
export async function readUnknownActors(actor: Actor, databaseId: string): Promise<UnknownActors> {
  authorise(actor, "audit.read");
  return withDatabase(databaseId, async (client) => {
    const { rows } = await client.query<UnknownActor & { total: number }>(
      `SELECT role, application, count(*)::int AS entries,
              to_char(max(created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS newest,
              (sum(count(*)) OVER ())::int AS total
         FROM (SELECT created_at, nullif(metadata ->> 'role', '') AS role, nullif(metadata ->> 'application', '') AS application
                 FROM caretaker.audit_logs
                WHERE user_id IS NULL AND created_at > now() - make_interval(days => $1)
                ORDER BY created_at DESC, id DESC
                LIMIT $2) AS newest
        GROUP BY role, application
        ORDER BY entries DESC, role, application
        LIMIT $3`,
      [days, lookedAt, groupsMax],
    );
    const entries = rows[0]?.total ?? 0;
    return { days, entries, capped: entries === lookedAt, groups: rows.map(({ total: _total, ...group }) => group) };
  });
}
