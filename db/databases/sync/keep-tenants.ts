import type pg from "pg";
import type { Actor } from "../../actor.ts";
import { controlPool, inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { unmanagedReason } from "../remove.ts";

/** One row of a managed database's tenants table. */
export interface SourceTenant {
  key: string;
  name: string;
  slug: string | null;
  /** Softly deleted there. */
  gone: boolean;
  /** The schema that holds this tenant alone. */
  tenantSchema: string | null;
}

const unlistedReason = "The tenants table no longer lists it.";
const deletedReason = "It is marked as deleted in the tenants table.";

/**
 * SQL of a tenant that an import archived, or a removal of its database: by its reason, or because it lives where it did, since
 * whoever archives or deletes a tenant here ends its placement. Imports of before kept other reasons.
 */
const comesBack = `(tenants.status_reason = ANY ($7)
               OR tenants.status = 'archived' AND EXISTS (SELECT FROM placements p WHERE p.tenant_id = tenants.id AND p.state = 'open'))`;

/** Adds or follows a chunk of tenants, and gives each without an open placement one. Unchanged rows are not touched. */
export async function keepTenants(
  client: pg.PoolClient,
  homeDatabaseId: string,
  sharedSchema: string,
  rows: SourceTenant[],
): Promise<void> {
  await client.query(
    `INSERT INTO tenants (home_database_id, key, slug, name, status, status_reason)
     SELECT $1, source.key, source.slug, source.name,
            CASE WHEN source.gone THEN 'archived' ELSE 'active' END,
            CASE WHEN source.gone THEN $6::text END
       FROM unnest($2::text[], $3::text[], $4::text[], $5::boolean[]) AS source (key, slug, name, gone)
         ON CONFLICT (home_database_id, key) DO UPDATE
        SET slug = excluded.slug,
            name = excluded.name,
            status = CASE WHEN excluded.status = 'archived' THEN 'archived'
                          WHEN ${comesBack} THEN 'active' ELSE tenants.status END,
            -- Only its own reason, and no earlier one, lets a tenant that was archived here come back.
            status_reason = CASE WHEN excluded.status = 'archived' AND tenants.status <> 'archived' THEN $6
                                 WHEN excluded.status = 'archived' THEN tenants.status_reason
                                 WHEN ${comesBack} THEN NULL ELSE tenants.status_reason END,
            status_changed_at = CASE WHEN excluded.status = 'archived' AND tenants.status <> 'archived'
                                       OR excluded.status = 'active' AND ${comesBack} THEN now()
                                     ELSE tenants.status_changed_at END
      WHERE (tenants.slug, tenants.name) IS DISTINCT FROM (excluded.slug, excluded.name)
         OR excluded.status = 'archived' AND tenants.status <> 'archived'
         OR excluded.status = 'active' AND ${comesBack}`,
    [
      homeDatabaseId,
      rows.map((row) => row.key),
      rows.map((row) => row.slug),
      rows.map((row) => row.name),
      rows.map((row) => row.gone),
      deletedReason,
      [unlistedReason, deletedReason, unmanagedReason],
    ],
  );
  await client.query(
    `INSERT INTO placements (tenant_id, tier, database_id, schema, state)
     SELECT t.id, CASE WHEN source.own IS NULL THEN 'shared' ELSE 'schema' END, $1, coalesce(source.own, $4), 'open'
       FROM unnest($2::text[], $3::text[]) AS source (key, own)
       JOIN tenants t ON t.home_database_id = $1 AND t.key = source.key
      WHERE t.status <> 'archived'
        AND NOT EXISTS (SELECT FROM placements p WHERE p.tenant_id = t.id AND p.state IN ('open', 'fenced', 'importing'))`,
    [homeDatabaseId, rows.map((row) => row.key), rows.map((row) => row.tenantSchema), sharedSchema],
  );
}

/** Places the tenant that owns a whole database there, and closes the placement that its listing had suggested. */
export async function placeOwn(
  client: pg.PoolClient,
  {
    databaseId,
    homeDatabaseId,
    key,
    schema,
  }: { databaseId: string; homeDatabaseId: string; key: string; schema: string },
): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    "SELECT id FROM tenants WHERE home_database_id = $1 AND key = $2 FOR UPDATE",
    [homeDatabaseId, key],
  );
  const [tenant] = rows;
  if (!tenant) {
    throw new Refusal("conflict", `No tenant with the key ${key} is listed yet.`, {
      fix: "Adopt the database that lists it first, so that its tenants are known.",
    });
  }
  // One that is known here already came or went by a move, which says itself where the tenant is.
  const known = await client.query("SELECT FROM placements WHERE tenant_id = $1 AND database_id = $2", [
    tenant.id,
    databaseId,
  ]);
  if (known.rowCount !== 0) return;
  await client.query(
    `UPDATE placements SET state = 'moved', closed_at = now()
      WHERE tenant_id = $1 AND state = 'open' AND database_id <> $2`,
    [tenant.id, databaseId],
  );
  await client.query(
    `INSERT INTO placements (tenant_id, tier, database_id, schema, state)
     SELECT $1, 'database', $2, $3, 'open'
      WHERE NOT EXISTS (SELECT FROM placements WHERE tenant_id = $1 AND state = 'open')`,
    [tenant.id, databaseId, schema],
  );
}

/** Archives tenants that their tenants table no longer lists, by chunks of the control database's own list. Null once `listed` cannot know. */
export async function archiveUnlisted(
  actor: Actor,
  homeDatabaseId: string,
  listed: (keys: string[]) => Promise<Set<string> | null>,
): Promise<number | null> {
  let after = "00000000-0000-0000-0000-000000000000";
  let archived = 0;
  for (;;) {
    const { rows } = await controlPool().query<{ id: string; key: string }>(
      `SELECT id, key FROM tenants
        WHERE home_database_id = $1 AND id > $2 AND status <> 'archived'
        ORDER BY id
        LIMIT 500`,
      [homeDatabaseId, after],
    );
    const last = rows.at(-1);
    if (!last) return archived;
    after = last.id;
    const present = await listed(rows.map((row) => row.key));
    if (present === null) return null;
    const gone = rows.filter((row) => !present.has(row.key)).map((row) => row.id);
    if (gone.length > 0) await inControl(actor, (_tx, client) => archive(client, gone));
    archived += gone.length;
  }
}

async function archive(client: pg.PoolClient, ids: string[]): Promise<void> {
  await client.query(
    "UPDATE tenants SET status = 'archived', status_reason = $2, status_changed_at = now() WHERE id = ANY ($1)",
    [ids, unlistedReason],
  );
}
