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
  epoch: number,
  before: Record<string, RowSecurityNow>,
): Promise<void> {
  await client.query(
    `INSERT INTO caretaker.gates AS g (tenant_key, schema_name, state, move_id, epoch, placement, before)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (tenant_key, schema_name) DO UPDATE
        SET state = excluded.state, move_id = excluded.move_id, epoch = excluded.epoch, placement = excluded.placement,
            before = excluded.before, changed_at = now()
      WHERE g.move_id <> excluded.move_id`,
    [standing.tenantKey, standing.schema, state, standing.moveId, epoch, address, JSON.stringify(before)],
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
export async function takeGate(client: pg.ClientBase, moveId: string, epoch: number): Promise<void> {
  await client.query("UPDATE caretaker.gates SET epoch = $2 WHERE move_id = $1 AND epoch < $2", [moveId, epoch]);
}

/**
 * Held until the transaction ends, against whoever takes over. Shared, so that a writer with an old snapshot, who asks for the row
 * in the same way, does not wait here. False when another worker has taken the move over.
 */
export async function holdGate(client: pg.ClientBase, standing: Standing, epoch: number): Promise<boolean> {
  const { rowCount } = await client.query(
    "SELECT FROM caretaker.gates WHERE tenant_key = $1 AND schema_name = $2 AND move_id = $3 AND epoch = $4 FOR SHARE",
    [standing.tenantKey, standing.schema, standing.moveId, epoch],
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
    `UPDATE caretaker.gates
        SET state = $3, placement = $4, changed_at = clock_timestamp()
      WHERE tenant_key = $1 AND schema_name = $2 AND move_id = $5 AND epoch = $6 AND state = ANY ($7)`,
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
