import { type Actor, authorise } from "../actor.ts";
import { controlPool } from "../control.ts";
import type { MoveCompletion } from "./contract.ts";
import { completionHash, moveSource } from "./move.ts";
import { iso, place } from "./read.ts";

type Candidate = Omit<MoveCompletion, "planHash">;

/** What completing a move would remove, or removed, by the plan that is proposed. One that no move has any more is absent. */
export async function readCompletions(
  actor: Actor,
  proposals: readonly { subject: string; planHash: string }[],
): Promise<MoveCompletion[]> {
  authorise(actor, "tenants.read");
  if (proposals.length === 0) return [];
  const { rows } = await controlPool().query<Candidate & { movedAtText: string }>(
    `SELECT m.id AS "moveId", m.tenant_id AS "tenantId", t.name AS "tenantName", m.state,
            ${place("f", "fd", "fs")} AS "from", ${place("p", "pd", "ps")} AS "to",
            ${iso("m.moved_at")} AS "movedAt", m.moved_at::text AS "movedAtText",
            (SELECT json_agg(json_build_object('name', name, 'rows', coalesce(verified_rows, rows), 'bytes', bytes) ORDER BY ordinal)
               FROM move_tables WHERE move_id = m.id) AS tables
       FROM ${moveSource}
      WHERE m.moved_at IS NOT NULL
        AND (m.state = 'moved' OR m.state IN ('completing', 'completed') AND t.name = ANY ($1))`,
    [proposals.map(({ subject }) => subject)],
  );
  const wanted = new Set(proposals.map(({ planHash }) => planHash));
  return rows
    .map(({ movedAtText, ...move }) => ({
      ...move,
      planHash: completionHash({ id: move.moveId, movedAt: movedAtText, from: move.from }),
    }))
    .filter(({ planHash }) => wanted.has(planHash));
}
