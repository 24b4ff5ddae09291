import { and, eq } from "drizzle-orm";
import type pg from "pg";
import type { Control } from "../../control.ts";
import { installedVersion } from "../../managed/install.ts";
import { ownName } from "../../managed/own-name.ts";
import { databases, managedTables } from "../../schema/fleet.ts";
import type { StartTenant } from "../contract.ts";
import { type CopyPlace, managedCopy } from "./copies.ts";
import type { ManagedTable, Source } from "./source.ts";

export interface Reserved extends Record<string, unknown> {
  tenantId: string;
  databaseId: string;
}

/** Enters the tenant, with a place that takes no writes yet, so that the import of tenants gives it no other. */
export async function reserve(
  tx: Control,
  client: pg.PoolClient,
  input: StartTenant,
  source: Source,
  key: string,
): Promise<Reserved> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO tenants (id, home_database_id, key, slug, name) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (home_database_id, key) DO UPDATE SET name = excluded.name
      RETURNING id`,
    [input.tenantId, source.databaseId, key, input.slug ?? null, input.name],
  );
  const tenantId = rows[0]?.id ?? input.tenantId;
  const databaseId = input.tier === "schema" ? source.databaseId : await reserveDatabase(tx, input, source, key);
  const schema = input.tier === "schema" ? ownName(input.tenantId) : source.schema;
  await client.query(
    `INSERT INTO placements (tenant_id, tier, database_id, schema, state) VALUES ($1, $2, $3, $4, 'importing')`,
    [tenantId, input.tier, databaseId, schema],
  );
  return { tenantId, databaseId };
}

/** It counts as adopted only once it is. */
async function reserveDatabase(tx: Control, input: StartTenant, source: Source, key: string): Promise<string> {
  const [row] = await tx
    .insert(databases)
    .values({
      serverId: input.serverId ?? source.serverId,
      name: ownName(input.tenantId),
      ownTenantKey: key,
      homeDatabaseId: source.databaseId,
      applicationRole: source.applicationRole,
      usersTable: source.usersTable,
    })
    .returning({ id: databases.id });
  if (!row) throw new Error("The database was not entered.");
  return row.id;
}

/** Opens the place: from here on the tenant lives there. */
export async function openPlace(
  tx: Control,
  client: pg.PoolClient,
  reserved: { tenantId: string; databaseId: string },
  copied: { tables: readonly ManagedTable[]; place: CopyPlace; slug: string | null; adoptedBy: string | null },
): Promise<void> {
  const { tenantId, databaseId } = reserved;
  for (const table of copied.tables) {
    await tx
      .insert(managedTables)
      .values(managedCopy(table, databaseId, copied.place))
      .onConflictDoNothing();
  }
  if (copied.adoptedBy !== null) {
    await tx
      .update(databases)
      .set({
        adoptedAt: new Date().toISOString(),
        adoptedBy: copied.adoptedBy,
        planHash: `made by ${installedVersion}`,
      })
      .where(and(eq(databases.id, databaseId)));
  }
  await client.query(
    "UPDATE placements SET state = 'dropped', closed_at = now() WHERE tenant_id = $1 AND state = 'open'",
    [tenantId],
  );
  await client.query(
    "UPDATE placements SET state = 'open', opened_at = now() WHERE tenant_id = $1 AND database_id = $2 AND state = 'importing'",
    [tenantId, databaseId],
  );
  await client.query("UPDATE tenants SET slug = coalesce($2, slug) WHERE id = $1", [tenantId, copied.slug]);
}
