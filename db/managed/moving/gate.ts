import type pg from "pg";
import { literal, own, type Statement } from "../statement.ts";
import type { RowSecurityNow } from "./guard.ts";
import { lockKey, type Standing } from "./table.ts";

/** Where the application finds the tenant; also the hint of every refused write. */
export interface Address {
  tenant: string;
  tier: "shared" | "schema" | "database";
  host: string;
  port: number;
  database: string;
  schema: string;
}

export type GateState = "open" | "importing" | "moved";

/** The channel on which a database says that a tenant lives elsewhere now; the payload is its Address. */
export const placementsChannel = "caretaker_placements";

/** A place's gate before the move's triggers ask it. One that stands already keeps its state, and how row security was before. */
export function gateStatement(
  standing: Standing,
  state: GateState,
  address: Address,
  before: Record<string, RowSecurityNow>,
): Statement {
  const values = [standing.tenantKey, standing.schema, state, standing.moveId, asJson(address), asJson(before)];
  return own(
    gateName(standing),
    state === "open"
      ? "The tenant writes here; its triggers ask this row."
      : "Nobody of the tenant writes here before the cutover.",
    `
INSERT INTO caretaker.gates AS g (tenant_key, schema_name, state, move_id, placement, before)
VALUES (${values.map(literal).join(", ")})
    ON CONFLICT (tenant_key, schema_name) DO UPDATE
   SET state = excluded.state, move_id = excluded.move_id, placement = excluded.placement,
       before = excluded.before, changed_at = now()
 WHERE g.move_id <> excluded.move_id`,
  );
}

export interface Gate {
  state: GateState;
  before: Record<string, RowSecurityNow>;
}

export async function readGate(client: pg.ClientBase, standing: Standing): Promise<Gate | null> {
  const { rows } = await client.query<Gate>(
    "SELECT state, before FROM caretaker.gates WHERE tenant_key = $1 AND schema_name = $2 AND move_id = $3",
    [standing.tenantKey, standing.schema, standing.moveId],
  );
  return rows[0] ?? null;
}

/** From now on a worker with an older epoch changes nothing here. Waits for the transaction of one that is about to commit. */
export async function takeMove(client: pg.ClientBase, moveId: string, epoch: number): Promise<void> {
  await client.query(
    `INSERT INTO caretaker.move_workers AS w (move_id, epoch) VALUES ($1, $2)
         ON CONFLICT (move_id) DO UPDATE SET epoch = excluded.epoch WHERE w.epoch < excluded.epoch`,
    [moveId, epoch],
  );
}

/** Held until the transaction ends, against whoever takes over. False when another worker has taken the move over. */
export async function holdMove(client: pg.ClientBase, moveId: string, epoch: number): Promise<boolean> {
  const { rowCount } = await client.query(
    "SELECT FROM caretaker.move_workers WHERE move_id = $1 AND epoch = $2 FOR SHARE",
    [moveId, epoch],
  );
  return rowCount === 1;
}

export interface GateTurn {
  from: GateState[];
  to: GateState;
  address: Address;
  /** Of the worker that turns it. */
  epoch: number;
}

/** Compare-and-set, and what is told of it where it was set. */
export function turnStatements(standing: Standing, { from, to, address, epoch }: GateTurn): [Statement, Statement] {
  const move = literal(standing.moveId);
  const why = to === "open" ? "From here on the tenant writes here." : "From here on the tenant writes here no more.";
  return [
    own(
      gateName(standing),
      why,
      `
WITH mine AS (SELECT FROM caretaker.move_workers WHERE move_id = ${move} AND epoch = ${epoch} FOR SHARE)
UPDATE caretaker.gates
   SET state = ${literal(to)}, placement = ${literal(asJson(address))}, changed_at = clock_timestamp()
 WHERE tenant_key = ${literal(standing.tenantKey)} AND schema_name = ${literal(standing.schema)} AND move_id = ${move}
   AND state IN (${from.map(literal).join(", ")}) AND EXISTS (SELECT FROM mine)`,
    ),
    own(
      placementsChannel,
      "Tells resolvers where the tenant lives.",
      `SELECT pg_notify(${literal(placementsChannel)}, ${literal(asJson(address))})`,
    ),
  ];
}

/** False when the gate was not in that state, or belongs to another worker by now. */
export async function turnGate(client: pg.ClientBase, standing: Standing, turn: GateTurn): Promise<boolean> {
  const [set, tell] = turnStatements(standing, turn);
  if ((await client.query(set.sql)).rowCount !== 1) return false;
  await client.query(tell.sql);
  return true;
}

/** While it is held nobody writes for the tenant here: writers in flight end first, and others wait. */
export function holdWriters(standing: Standing): Statement {
  return {
    sql: `SELECT pg_advisory_lock(${lockKey(standing)})`,
    object: `writers of tenant ${standing.tenantKey}`,
    lock: "the tenant's writers wait, tens of milliseconds: gives up after 1 s for the lock or 2 s in all, and tries again",
    why: "Lets the tenant's writes in flight end; no other tenant asks for this lock.",
    transactional: true,
  };
}

export function letWritersGo({ tenantKey }: Standing): Statement {
  const why = "Whoever waited is told where the tenant lives now.";
  return own(`writers of tenant ${tenantKey}`, why, "SELECT pg_advisory_unlock_all()");
}

export function removeGateStatement(standing: Standing): Statement {
  const { tenantKey, schema, moveId } = standing;
  return own(
    gateName(standing),
    "The tenant lives in the shared schema, as without a gate.",
    `DELETE FROM caretaker.gates WHERE tenant_key = ${literal(tenantKey)} AND schema_name = ${literal(schema)} AND move_id = ${literal(moveId)}`,
  );
}

/** At the database that lists the tenant: what gates of earlier moves say of where it lives. */
export function tellOlderGates(tenantKey: string, moveId: string, address: Address): Statement {
  return own(
    `older gates of tenant ${tenantKey}`,
    "The database that lists the tenant goes on saying where it lives.",
    `
UPDATE caretaker.gates SET placement = ${literal(asJson(address))}, changed_at = clock_timestamp()
 WHERE tenant_key = ${literal(tenantKey)} AND move_id <> ${literal(moveId)} AND state = 'moved'
   AND placement <> ${literal(asJson(address))}::jsonb`,
  );
}

/** Where it lives in the shared schema for good, nothing is left to say. */
export function removeOlderGates(tenantKey: string, moveId: string): Statement {
  return own(
    `older gates of tenant ${tenantKey}`,
    "The tenant lives in the shared schema, as without a gate.",
    `DELETE FROM caretaker.gates WHERE tenant_key = ${literal(tenantKey)} AND move_id <> ${literal(moveId)}`,
  );
}

function gateName({ tenantKey, schema }: Standing): string {
  return `gate of tenant ${tenantKey} at ${schema}`;
}

function asJson(value: Address | Record<string, RowSecurityNow>): string {
  return JSON.stringify(value);
}

/**
 * Lets the database that lists a tenant say that it lives at a place of its own, where it never lived among the shared tables of
 * `schema`. `madeBy` is what its gate is known by; a later move takes the gate over.
 */
export async function setPlacement(
  client: pg.ClientBase,
  gate: { tenantKey: string; schema: string; madeBy: string },
  address: Address,
): Promise<void> {
  const { rowCount } = await client.query(
    `INSERT INTO caretaker.gates (tenant_key, schema_name, state, move_id, placement, before) VALUES ($1, $2, 'moved', $3, $4, '{}')
         ON CONFLICT DO NOTHING`,
    [gate.tenantKey, gate.schema, gate.madeBy, address],
  );
  if (rowCount) await client.query("SELECT pg_notify($1, $2)", [placementsChannel, JSON.stringify(address)]);
}

/** Of a tenant that is gone. A database that does not list it may list another one by the same key: there only its own schema's goes. */
export async function removePlacement(client: pg.ClientBase, tenantKey: string, schema?: string): Promise<void> {
  await client.query("DELETE FROM caretaker.gates WHERE tenant_key = $1 AND ($2::text IS NULL OR schema_name = $2)", [
    tenantKey,
    schema ?? null,
  ]);
}

export function forgetStatements(moveId: string): Statement[] {
  return ["caretaker.move_workers", "caretaker.move_progress"].map((table) =>
    own(table, "The move is over.", `DELETE FROM ${table} WHERE move_id = ${literal(moveId)}`),
  );
}
