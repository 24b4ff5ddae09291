import type pg from "pg";
import type { Actor } from "../../actor.ts";
import { controlPool, inControl } from "../../control.ts";
import { inDatabase } from "../../fleet.ts";
import { dropSchema } from "../../managed/drop-schema.ts";
import { removePlacement } from "../../managed/moving/gate.ts";
import { ownName } from "../../managed/own-name.ts";
import { patiently } from "../../managed/patiently.ts";
import { identifier, relation } from "../../managed/statement.ts";
import { limits } from "../../transaction.ts";
import type { StartTenant } from "../contract.ts";
import { onServer } from "./plan.ts";
import { readSource } from "./source.ts";

/** A tenant that lives somewhere and is being moved has a place that takes no writes yet as well. */
const neverOpened = "NOT EXISTS (SELECT FROM placements o WHERE o.tenant_id = t.id AND o.state <> 'importing')";

interface Half {
  tenantId: string;
  key: string;
  databaseId: string;
}

/** Takes back what was made of a tenant that never opened. Doing it again changes nothing. */
export async function undoTenant(actor: Actor, input: StartTenant): Promise<void> {
  const half = await halfMade(input);
  if (!half) return;
  const source = await readSource(input.databaseId);
  const name = ownName(input.tenantId);
  if (input.tier === "schema") {
    await patiently(`the schema ${name}`, (lockTimeoutMs) =>
      inDatabase(
        actor,
        source.databaseId,
        async (client) => {
          await client.query("SELECT set_config('lock_timeout', $1, true)", [String(lockTimeoutMs)]);
          await dropSchema(client, name);
        },
        { limits: limits.long },
      ),
    );
  } else {
    await onServer(input.serverId ?? source.serverId, source, (server) =>
      server.query(`DROP DATABASE IF EXISTS ${identifier(name)} WITH (FORCE)`),
    );
  }
  const { schema, table, key } = source.tenantsTable;
  await inDatabase(actor, source.databaseId, async (client) => {
    await client.query(`DELETE FROM ${relation(schema, table)} WHERE ${identifier(key)}::text = $1`, [half.key]);
    await removePlacement(client, half.key);
  });
  await inControl(actor, (_tx, client) => forget(client, half, input), { tenantId: half.key });
}

async function halfMade(input: StartTenant): Promise<Half | null> {
  const { rows } = await controlPool().query<Half>(
    `SELECT t.id AS "tenantId", t.key, p.database_id AS "databaseId"
       FROM placements p JOIN tenants t ON t.id = p.tenant_id
      WHERE p.state = 'importing' AND t.id = $1 AND ${neverOpened}`,
    [input.tenantId],
  );
  return rows[0] ?? null;
}

async function forget(client: pg.PoolClient, { tenantId, databaseId }: Half, input: StartTenant): Promise<void> {
  await client.query("DELETE FROM placements WHERE tenant_id = $1 AND state = 'importing'", [tenantId]);
  if (input.tier === "database") await client.query("DELETE FROM databases WHERE id = $1", [databaseId]);
  await client.query(
    "DELETE FROM tenants t WHERE t.id = $1 AND NOT EXISTS (SELECT FROM placements p WHERE p.tenant_id = t.id)",
    [tenantId],
  );
}

/** Tenants whose job is over without having opened them. */
export async function abandonedTenants(): Promise<Record<string, unknown>[]> {
  const { rows } = await controlPool().query<{ input: Record<string, unknown> }>(
    `SELECT j.input
       FROM placements p
       JOIN tenants t ON t.id = p.tenant_id
       JOIN jobs j ON j.kind = 'tenants.create' AND j.state IN ('failed', 'cancelled') AND j.id = t.id
      WHERE p.state = 'importing' AND ${neverOpened}`,
  );
  return rows.map(({ input }) => input);
}
