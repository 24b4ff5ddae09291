import type pg from "pg";
import { controlPool } from "../../control.ts";
import { connectServer } from "../../fleet-register.ts";
import { identifier } from "../../managed/statement.ts";

/** The scratch database into which a tenant's archive is restored. */
export function proofDatabase(tenantId: string): string {
  return `caretaker_proof_${tenantId.replaceAll("-", "")}`;
}

/**
 * Drops the scratch databases that killed proofs left, on every server that answers. One of a tenant that nobody here knows is another
 * console's, and one whose tenant's leaving waits or runs may be in use; so may one that somebody is connected to.
 */
export async function sweepProofs(say: (line: string) => void): Promise<string[]> {
  const { rows: servers } = await controlPool().query<{ id: string; name: string }>(
    "SELECT id, name FROM servers WHERE removed_at IS NULL ORDER BY name, id",
  );
  const dropped: string[] = [];
  for (const { id, name } of servers) {
    try {
      const client = await connectServer(id);
      try {
        dropped.push(...(await dropLeft(client)));
      } finally {
        await client.end();
      }
    } catch (error) {
      say(`${name} may hold a proof's database still: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return dropped;
}

async function dropLeft(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT datname AS name FROM pg_database WHERE datname ~ '^caretaker_proof_[0-9a-f]{32}$' ORDER BY datname",
  );
  const left = await ofNoJob(rows.map(({ name }) => name));
  for (const name of left) await client.query(`DROP DATABASE IF EXISTS ${identifier(name)}`);
  return left;
}

async function ofNoJob(names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const { rows } = await controlPool().query<{ name: string }>(
    `SELECT proof.name
       FROM unnest($1::text[]) AS proof (name)
       JOIN tenants t ON 'caretaker_proof_' || replace(t.id::text, '-', '') = proof.name
      WHERE NOT EXISTS (SELECT FROM jobs j
                         WHERE j.kind = 'tenants.leave' AND j.state IN ('queued', 'running')
                           AND j.input @> jsonb_build_object('tenantId', t.id))`,
    [names],
  );
  return rows.map(({ name }) => name);
}
