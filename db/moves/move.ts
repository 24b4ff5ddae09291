import { createHash } from "node:crypto";
import type pg from "pg";
import type { Actor } from "../actor.ts";
import { controlPool, inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { LeaseLost } from "../jobs/lease.ts";
import type { MoveState } from "./contract.ts";
import type { Place } from "./plan/place.ts";
import type { MovePlan } from "./plan/stored.ts";

/** A move as its workers and verbs see it. */
export interface Move {
  id: string;
  number: number;
  tenantId: string;
  tenantKey: string;
  tenantName: string;
  homeDatabaseId: string;
  fromPlacementId: string;
  toPlacementId: string;
  from: Place;
  to: Place;
  state: MoveState;
  stateVersion: number;
  epoch: number;
  plan: MovePlan;
  cutover: "ready" | "at" | "asked";
  /** Whether the time to cut over has come, and nobody has paused it. */
  due: boolean;
  paused: boolean;
  /** It stopped, and a person must look at why. */
  failed: boolean;
  error: string | null;
  verifyAsked: boolean;
  throttleRows: number | null;
  /** Whether writers ever were at the new place. */
  wasMoved: boolean;
  completable: boolean;
  movedAt: string | null;
  /** Whether the place that is to go could not be reached when it was wanted last. */
  silent: boolean;
  /** Whether that place was given up. */
  givenUp: boolean;
}

const place = (alias: string, database: string, server: string) =>
  `json_build_object('tier', ${alias}.tier, 'schema', ${alias}.schema, 'databaseId', ${database}.id, 'databaseName', ${database}.name,
                     'serverId', ${server}.id, 'serverName', ${server}.name, 'host', ${server}.host, 'port', ${server}.port)`;

/**
 * Why a move stopped: what its last attempt ended with, or that its job is over and did not tell. Between the cutover's states a
 * worker takes it up again by itself.
 */
export const stopped = `coalesce(m.error, CASE WHEN m.state IN ('preparing', 'copying', 'indexing', 'catching_up', 'verifying') AND m.paused_at IS NULL
              THEN (SELECT coalesce(j.error, 'No worker is at it: its job is ' || j.state || '.')
                      FROM jobs j WHERE j.id = m.job_id AND j.state NOT IN ('queued', 'running')) END)`;

const columns = `m.id, m.number, m.tenant_id AS "tenantId", t.key AS "tenantKey", t.name AS "tenantName",
            t.home_database_id AS "homeDatabaseId", m.from_placement_id AS "fromPlacementId",
            m.to_placement_id AS "toPlacementId", ${place("f", "fd", "fs")} AS "from", ${place("p", "pd", "ps")} AS "to",
            m.state, m.state_version AS "stateVersion", m.epoch, m.plan, m.cutover,
            m.paused_at IS NULL AND (m.cutover = 'ready' OR m.cutover = 'at' AND m.cutover_at <= now()) AS due, m.paused_at IS NOT NULL AS paused,
            ${stopped} IS NOT NULL AS failed, ${stopped} AS error, m.verify_asked_at IS NOT NULL AS "verifyAsked",
            m.throttle_rows AS "throttleRows", m.moved_at IS NOT NULL AS "wasMoved",
            coalesce(m.moved_at + make_interval(hours => m.grace_hours) <= now(), false) AS completable,
            m.moved_at::text AS "movedAt", m.silent_since IS NOT NULL AS silent, m.given_up_at IS NOT NULL AS "givenUp"`;

/** A move with its tenant `t` and both placements, databases and servers. */
export const moveSource = `moves m
       JOIN tenants t ON t.id = m.tenant_id
       JOIN placements f ON f.id = m.from_placement_id
       JOIN databases fd ON fd.id = f.database_id
       JOIN servers fs ON fs.id = fd.server_id
       JOIN placements p ON p.id = m.to_placement_id
       JOIN databases pd ON pd.id = p.database_id
       JOIN servers ps ON ps.id = pd.server_id`;

/** @throws Refusal `not_found` */
export async function readMoveRecord(moveId: string, client: pg.Pool | pg.PoolClient = controlPool()): Promise<Move> {
  const { rows } = await client.query<Move>(`SELECT ${columns} FROM ${moveSource} WHERE m.id::text = $1`, [moveId]);
  const [move] = rows;
  if (!move) throw new Refusal("not_found", "There is no such move.", { fix: "Look for it in the list of moves." });
  return move;
}

/** Holds the move's row until the transaction ends. */
export async function lockMove(client: pg.PoolClient, moveId: string): Promise<Move> {
  await client.query("SELECT FROM moves WHERE id::text = $1 FOR UPDATE", [moveId]);
  return readMoveRecord(moveId, client);
}

export async function noteEvent(
  client: pg.Pool | pg.PoolClient,
  actor: Actor,
  moveId: string,
  kind: string,
  line: string,
): Promise<void> {
  await client.query("INSERT INTO move_events (move_id, kind, line, actor_name) VALUES ($1, $2, $3, $4)", [
    moveId,
    kind,
    line,
    actor.name,
  ]);
}

/**
 * Compare-and-set of the state, with its event, in the caller's transaction. A worker names its epoch and is refused when another
 * has taken over; a verb holds the row's lock.
 */
export async function turnState(
  client: pg.PoolClient,
  actor: Actor,
  move: Move,
  to: MoveState,
  line: string,
): Promise<void> {
  const { rowCount } = await client.query(
    `UPDATE moves
        SET state = $3, state_version = state_version + 1, error = NULL, held = NULL, silent_since = NULL,
            silent_why = NULL,
            turn_at = CASE WHEN $3 IN ('preparing', 'copying', 'indexing', 'catching_up', 'verifying') THEN turn_at END,
            ready_at = CASE WHEN $3 = 'ready' THEN now() ELSE ready_at END,
            moved_at = CASE WHEN $3 = 'moved' THEN now() ELSE moved_at END,
            ended_at = CASE WHEN $3 IN ('completed', 'aborted') THEN now() END
      WHERE id = $1 AND state_version = $2 AND epoch = $4`,
    [move.id, move.stateVersion, to, move.epoch],
  );
  if (rowCount !== 1) throw new LeaseLost(move.id);
  await noteEvent(client, actor, move.id, to, line);
}

/** As `turnState` in a transaction of its own; answers the move as it is then. */
export async function advance(actor: Actor, move: Move, to: MoveState, line: string): Promise<Move> {
  await inControl(actor, (_tx, client) => turnState(client, actor, move, to, line), { tenantId: move.tenantKey });
  return readMoveRecord(move.id);
}

/** As `advance` to `ready`. A time to cut over that has passed by then counts no more. */
export async function getReady(actor: Actor, move: Move, line: string): Promise<Move> {
  const work = async (_tx: unknown, client: pg.PoolClient) => {
    await turnState(client, actor, move, "ready", line);
    await dropPassedTime(client, actor, move.id);
  };
  await inControl(actor, work, { tenantId: move.tenantKey });
  return readMoveRecord(move.id);
}

/** A cutover comes at the time that was said, or when somebody asks: never at whatever moment the move is ready, or once more each minute. */
export async function dropPassedTime(client: pg.PoolClient, actor: Actor, moveId: string): Promise<void> {
  const { rowCount } = await client.query(
    "UPDATE moves SET cutover = 'asked', cutover_at = NULL WHERE id = $1 AND cutover = 'at' AND cutover_at <= now()",
    [moveId],
  );
  const line = "The time to cut over has passed; the cutover waits until somebody asks.";
  if (rowCount === 1) await noteEvent(client, actor, moveId, "time_passed", line);
}

/** What is approved when a move is completed: this cutover, and the place that goes. */
export function completionHash(
  move: Pick<Move, "id" | "movedAt"> & { from: Pick<Place, "databaseId" | "schema" | "tier"> },
): string {
  const { databaseId, schema, tier } = move.from;
  return createHash("sha256")
    .update(JSON.stringify(["moves.complete", move.id, move.movedAt, databaseId, schema, tier]))
    .digest("hex");
}
