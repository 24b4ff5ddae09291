import type pg from "pg";
import { type CapturedTable, captureFingerprint, captureStatements, type TenantSource } from "./capture.ts";
import { installedVersion, installStatements } from "./install.ts";
import { readTables } from "./read-tables.ts";

interface Choice {
  masked?: string[];
  ignored?: string[];
  tenant?: TenantSource;
}

// What is measured of tenants is no act of anybody.
const measured = [
  ...["size_bytes", "size_error", "sized_at", "growth_bytes", "writes", "write_share", "last_active_at", "rated_at"],
  ...["advised_tier", "advised_since", "advice_reason"],
];

// What the console's own tables need beyond being captured. Tables named in `uncaptured` hold measurements, not acts.
const choices: Record<string, Choice> = {
  staff: { masked: ["password_hash"] },
  sessions: { masked: ["token_hash"], ignored: ["last_seen_at"] },
  invitations: { masked: ["token_hash"] },
  api_tokens: { masked: ["token_hash"], ignored: ["last_used_at"] },
  servers: { masked: ["credential"] },
  seal_keys: { masked: ["sealed"] },
  audit_export_links: { masked: ["token_hash"] },
  audit_streams: { masked: ["secret"] },
  checkpoint_places: { masked: ["secret"] },
  erasures: { masked: ["sealed", "found"] },
  tenants: { ignored: measured, tenant: { kind: "column", column: "key" } },
  placements: {
    tenant: {
      kind: "path",
      column: "key",
      steps: [{ schema: "public", table: "tenants", columns: ["tenant_id"], parentColumns: ["id"] }],
    },
  },
  moves: { ignored: ["state_version", "epoch", "lag_keys", "lag_at", "predicted_pause_ms", "held", "turn_at"] },
  jobs: { ignored: ["step", "progress", "attempts", "lease_owner", "lease_until", "lease_epoch", "revision"] },
};

const uncaptured = new Set([
  "sealed_logs",
  "seal_tiles",
  "seal_checkpoints",
  "seal_verifications",
  "health_samples",
  "watched_indexes",
  "watched_deletes",
  "unrecorded_deletions",
  "tenant_table_sizes",
  "tenant_size_days",
  "sign_in_attempts",
  "job_receipts",
  "operations",
  "audit_stream_cursors",
  "checkpoint_deliveries",
  "restore_plans",
  "purge_batches",
  "server_samples",
  "isolation_runs",
  "isolation_relations",
  "isolation_findings",
  "move_tables",
  "move_events",
]);

/** Whether a table of the console's own is left out of its log, and what the log holds of the others. */
export function consoleChoice(table: string): { captured: boolean; masked: string[]; ignored: string[] } {
  const { masked = [], ignored = [] } = choices[table] ?? {};
  return { captured: !uncaptured.has(table), masked, ignored };
}

/**
 * Makes the console audit itself: the control database gets the same schema, triggers and log as every managed database.
 * Runs after the migrations and changes only what is missing or out of date.
 */
export async function adoptControl(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ owner: string; installed: string | null }>(
    "SELECT current_user AS owner, to_regclass('caretaker.installed')::text AS installed",
  );
  const [found] = rows;
  if (!found) throw new Error("The control database did not say who is connected.");
  await client.query("BEGIN");
  try {
    if (found.installed === null || !(await isCurrent(client))) {
      await run(client, installStatements({ owner: found.owner, createRoles: false }));
    }
    await client.query("SELECT caretaker.ensure_partitions(3)");
    await captureTables(client);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}

async function isCurrent(client: pg.ClientBase): Promise<boolean> {
  const { rowCount } = await client.query("SELECT FROM caretaker.installed WHERE version = $1", [installedVersion]);
  return rowCount === 1;
}

async function captureTables(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ table_name: string; fingerprint: string }>(
    "SELECT table_name, fingerprint FROM caretaker.captures WHERE schema_name = 'public'",
  );
  const captured = new Map(rows.map((row) => [row.table_name, row.fingerprint]));
  for (const table of await readTables(client, "public")) {
    if (uncaptured.has(table.name)) continue;
    const choice = choices[table.name] ?? {};
    const chosen: CapturedTable = {
      ...table,
      masked: choice.masked ?? [],
      ignored: choice.ignored ?? [],
      tenant: choice.tenant ?? null,
    };
    if (captured.get(table.name) !== captureFingerprint(chosen)) await run(client, captureStatements(chosen));
  }
}

/** All statements in one round trip. */
async function run(client: pg.ClientBase, statements: { sql: string }[]): Promise<void> {
  await client.query(statements.map(({ sql }) => sql).join(";\n"));
}
