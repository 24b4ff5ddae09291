import type pg from "pg";
import { connectOnce } from "../../connection.ts";
import { controlPool } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { closePool } from "../../fleet-pools.ts";
import { connectServer, openServer } from "../../fleet-register.ts";
import { patiently } from "../../managed/patiently.ts";
import { identifier } from "../../managed/statement.ts";
import { untilCancelled } from "./cancelled.ts";
import { lockAgainstWrites, refuseChanged, refuseHeld } from "./changed.ts";
import { hasOwnRow, ownRow } from "./own-row.ts";
import { type Counted, type LivingTenant, speakPlainly, tablesOf } from "./tables.ts";

/**
 * Drops a tenant's own database if its rows are still what was counted. They are counted behind a lock that no writer passes, and it is
 * held until the database is gone, with whoever waits for it. `atHome` runs the drop in the transaction that takes the tenant off the
 * list, so that it stays listed when the database cannot be dropped.
 */
export async function dropDatabase(
  tenant: LivingTenant,
  counted: Counted,
  signal: AbortSignal,
  atHome: (drop: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const neighbours = await readNeighbours(tenant);
  if (neighbours.length > 0) throw new Refusal("conflict", sharedWith(tenant, neighbours), { fix: "Move it first." });
  const server = await openServer(tenant.serverId);
  const beside = await connectServer(tenant.serverId, tenant.databaseName);
  try {
    await beside.query("SET statement_timeout = '60s'");
    const there = await beside.query("SELECT FROM pg_database WHERE datname = $1", [tenant.databaseName]);
    if (there.rowCount === 0) return await atHome(async () => {});
    const inside = await connectOnce(server, tenant.databaseName);
    try {
      await untilCancelled(signal, { beside, inside }, () => countBehindLock(inside, tenant, counted));
      await atHome(async () => {
        await closePool(tenant.databaseId);
        await beside.query(`DROP DATABASE IF EXISTS ${identifier(tenant.databaseName)} WITH (FORCE)`);
      });
    } finally {
      // Cut off by the drop, as everybody in there is.
      await inside.end().catch(() => {});
    }
  } finally {
    await beside.end();
  }
}

async function countBehindLock(inside: pg.ClientBase, tenant: LivingTenant, { tallies }: Counted): Promise<void> {
  await inside.query("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = '120s'");
  await inside.query("BEGIN");
  await inside.query("SET LOCAL row_security = off");
  await speakPlainly(inside);
  await refuseHeld(inside);
  const tables = await tablesOf(tenant);
  if (await hasOwnRow(inside, tenant)) tables.push(ownRow(tenant));
  await patiently(`the database ${tenant.databaseName}`, lockAgainstWrites(inside, tables));
  await refuseChanged(inside, tables, tallies);
}

/** The other tenants that live or are listed in a tenant's database, or are on their way there or away, by name. */
export async function readNeighbours({ id, databaseId }: LivingTenant): Promise<string[]> {
  const { rows } = await controlPool().query<{ name: string }>(
    `SELECT t.name FROM tenants t
      WHERE t.home_database_id = $1
         OR t.id <> $2 AND EXISTS (SELECT FROM placements p
                                    WHERE p.tenant_id = t.id AND p.database_id = $1 AND p.state <> 'dropped')
      ORDER BY t.name, t.id LIMIT 5`,
    [databaseId, id],
  );
  return rows.map(({ name }) => name);
}

export function sharedWith({ databaseName }: LivingTenant, neighbours: readonly string[]): string {
  return `${databaseName} is not this tenant's alone, and would be dropped whole: ${neighbours.join(", ")} lives or is listed there too.`;
}
