import { type Actor, authorise } from "../actor.ts";
import { controlPool } from "../control.ts";
import { Refusal } from "../errors.ts";
import { decodeCursor, type Page, toPage } from "../page.ts";
import type { MoveEvent, MoveFilter, MoveLoss, MoveRow, MoveTableView, MoveView } from "./contract.ts";
import { endingOf, givingUpHash } from "./lost/ending.ts";
import { completionHash, moveSource, readMoveRecord, stopped } from "./move.ts";
import { verbsOf } from "./verbs/contract.ts";

const pageSize = 50;
const eventsMax = 500;

export function iso(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** A `MovePlace`. */
export const place = (placement: string, database: string, server: string) =>
  `json_build_object('tier', ${placement}.tier, 'databaseId', ${database}.id, 'databaseName', ${database}.name,
                     'serverName', ${server}.name, 'schema', ${placement}.schema)`;

const columns = `m.id, m.tenant_id AS "tenantId", t.name AS "tenantName", t.key AS "tenantKey",
            ${place("f", "fd", "fs")} AS "from", ${place("p", "pd", "ps")} AS "to", m.state, m.paused_at IS NOT NULL AS paused,
            m.cutover, ${iso("m.cutover_at")} AS "cutoverAt", m.job_id AS "jobId",
            (SELECT coalesce(sum(rows), 0)::float8 FROM move_tables WHERE move_id = m.id) AS rows,
            (SELECT coalesce(sum(greatest(estimated_rows, rows)), 0)::float8 FROM move_tables WHERE move_id = m.id) AS "estimatedRows",
            m.pause_ms AS "pauseMs", ${stopped} AS error, m.actor_name AS "actorName", ${iso("m.started_at")} AS "startedAt",
            ${iso("m.moved_at")} AS "movedAt",
            CASE WHEN m.state = 'moved' THEN ${iso("(m.moved_at + make_interval(hours => m.grace_hours))")} END AS "completableAt", ${iso("m.ended_at")} AS "endedAt"`;

const moreColumns = `m.reason, m.throttle_rows AS "throttleRows", m.pace, m.pace_limits AS "paceLimits",
            CASE WHEN m.paused_at IS NULL AND m.error IS NULL THEN m.held END AS held, m.predicted_pause_ms AS "predictedPauseMs",
            m.lag_keys::float8 AS "lagKeys", ${iso("m.lag_at")} AS "lagAt", m.paused_by AS "pausedBy", ${iso("m.ready_at")} AS "readyAt",
            ${iso("m.silent_since")} AS "silentSince", m.silent_why AS "silentWhy", ${iso("m.given_up_at")} AS "givenUpAt"`;

interface Read extends Omit<MoveView, "tables" | "events" | "verbs" | "completionHash" | "loss"> {
  silentSince: string | null;
  silentWhy: string | null;
}

/** Newest first; of one tenant or database, or only those that are not over. */
export async function listMoves(actor: Actor, filter: MoveFilter): Promise<Page<MoveRow>> {
  authorise(actor, "tenants.read");
  const [startedAt, id] = filter.cursor ? decodeCursor(filter.cursor, 2) : [null, null];
  const { rows } = await controlPool().query<MoveRow>(
    `SELECT ${columns}
       FROM ${moveSource}
      WHERE ($1::uuid IS NULL OR m.tenant_id = $1)
        AND ($2::boolean IS NOT TRUE OR m.state NOT IN ('completed', 'aborted'))
        AND ($3::timestamptz IS NULL OR (m.started_at, m.id) < ($3, $4::uuid))
        AND ($5::uuid IS NULL OR $5 IN (f.database_id, p.database_id))
      ORDER BY m.started_at DESC, m.id DESC
      LIMIT $6`,
    [filter.tenantId ?? null, filter.open ?? null, startedAt, id, filter.databaseId ?? null, pageSize + 1],
  );
  return toPage(rows, pageSize, (move) => [move.startedAt, move.id]);
}

/** One move with its tables, its newest events, and what may be done with it now. @throws Refusal `not_found` */
export async function readMove(actor: Actor, moveId: string): Promise<MoveView> {
  authorise(actor, "tenants.read");
  const { rows } = await controlPool().query<Read>(
    `SELECT ${columns}, ${moreColumns} FROM ${moveSource} WHERE m.id::text = $1`,
    [moveId],
  );
  const [row] = rows;
  if (!row) throw new Refusal("not_found", "There is no such move.", { fix: "Look for it in the list of moves." });
  const { silentSince, silentWhy, ...move } = row;
  const [tables, events, record] = await Promise.all([tablesOf(move.id), eventsOf(move.id), readMoveRecord(move.id)]);
  return {
    ...move,
    tables,
    events,
    verbs: verbsOf(move.state, move.paused || move.error !== null, silentSince !== null),
    completionHash: move.state === "moved" ? completionHash(record) : null,
    loss: lossOf(row),
  };
}

function lossOf(row: Read): MoveLoss | null {
  const { silentSince: since, silentWhy: why } = row;
  const ending = endingOf(row.state);
  if (!ending || since === null || why === null) return null;
  return { place: row[ending.goes], since, why, planHash: givingUpHash(row) };
}

async function tablesOf(moveId: string): Promise<MoveTableView[]> {
  const { rows } = await controlPool().query<MoveTableView>(
    `SELECT name, class, estimated_rows::float8 AS "estimatedRows", rows::float8, bytes::float8, ${iso("copied_at")} AS "copiedAt",
            drained::float8, verified_rows::float8 AS "verifiedRows", ${iso("verified_at")} AS "verifiedAt",
            CASE WHEN checksum_source = checksum_target THEN checksum_source END AS checksum
       FROM move_tables WHERE move_id = $1 ORDER BY ordinal`,
    [moveId],
  );
  return rows;
}

async function eventsOf(moveId: string): Promise<MoveEvent[]> {
  const { rows } = await controlPool().query<MoveEvent>(
    `SELECT e.id::text, ${iso("at")} AS at, kind, line, actor_name AS "actorName"
       FROM move_events e WHERE move_id = $1 ORDER BY e.id DESC LIMIT ${eventsMax}`,
    [moveId],
  );
  return rows;
}
