import type pg from "pg";
import type { RowSecurityNow } from "./guard.ts";
import type { Standing } from "./table.ts";

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
export async function setGate(
  client: pg.ClientBase,
  standing: Standing,
  state: GateState,
  address: Address,
  before: Record<string, RowSecurityNow>,
): Promise<void> {
  await client.query(
    `INSERT INTO caretaker.gates AS g (tenant_key, schema_name, state, move_id, placement, before)
     VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant_key, schema_name) DO UPDATE
        SET state = excluded.state, move_id = excluded.move_id, placement = excluded.placement,
            before = excluded.before, changed_at = now()
      WHERE g.move_id <> excluded.move_id`,
    [standing.tenantKey, standing.schema, state, standing.moveId, address, JSON.stringify(before)],
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

/** Compare-and-set. False when the gate was not in that state, or belongs to another worker by now. */
export async function turnGate(
  client: pg.ClientBase,
  standing: Standing,
  turn: { from: GateState[]; to: GateState; address: Address; epoch: number },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `WITH mine AS (SELECT FROM caretaker.move_workers WHERE move_id = $5 AND epoch = $6 FOR SHARE)
     UPDATE caretaker.gates
        SET state = $3, placement = $4, changed_at = clock_timestamp()
      WHERE tenant_key = $1 AND schema_name = $2 AND move_id = $5 AND state = ANY ($7) AND EXISTS (SELECT FROM mine)`,
    [standing.tenantKey, standing.schema, turn.to, turn.address, standing.moveId, turn.epoch, turn.from],
  );
  if (rowCount !== 1) return false;
  await client.query("SELECT pg_notify($1, $2)", [placementsChannel, JSON.stringify(turn.address)]);
  return true;
}

export async function removeGate(client: pg.ClientBase, standing: Standing): Promise<void> {
  await client.query("DELETE FROM caretaker.gates WHERE tenant_key = $1 AND schema_name = $2 AND move_id = $3", [
    standing.tenantKey,
    standing.schema,
    standing.moveId,
  ]);
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

export async function forgetMove(client: pg.ClientBase, moveId: string): Promise<void> {
  await client.query("DELETE FROM caretaker.move_workers WHERE move_id = $1", [moveId]);
  await client.query("DELETE FROM caretaker.move_progress WHERE move_id = $1", [moveId]);
}
