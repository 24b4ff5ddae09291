import pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { inDatabase } from "../fleet.ts";
import { identifier, relation } from "../managed/statement.ts";
import type { NamedTable } from "../schema/fleet.ts";
import type { RenameTenant } from "./contract.ts";
import { type LockedTenant, lockTenant } from "./lock.ts";

/**
 * Renames a tenant in the managed application's own table, in the copy of that table in a database of its own, and here.
 *
 * The copy commits first, then the application's row, while the control row is locked. After a crash the old name is shown here until
 * the application's row has the new one, so that the same rename again brings all of them together; the next import of the tenants
 * brings this side after the application's row.
 *
 * @throws Refusal `not_found`, `unsupported` where no name column is known, `conflict` when the name is taken.
 */
export async function renameTenant(actor: Actor, input: RenameTenant): Promise<{ tenantId: string; name: string }> {
  authorise(actor, "tenants.write");
  return await inControl(actor, async (_tx, client) => {
    const tenant = await lockTenant(client, input.tenantId);
    await renameManaged(actor, tenant, input.name);
    await client.query("UPDATE tenants SET name = $2 WHERE id = $1 AND name IS DISTINCT FROM $2", [
      tenant.id,
      input.name,
    ]);
    return { tenantId: tenant.id, name: input.name };
  });
}

async function renameManaged(actor: Actor, tenant: LockedTenant, name: string): Promise<void> {
  const table = tenant.tenantsTable;
  if (!table?.name) {
    throw new Refusal("unsupported", "The model of this database names no column that holds a tenant's name.", {
      fix: "Choose the name column under Databases, then rename again.",
    });
  }
  const sql = `UPDATE ${relation(table.schema, table.table)} SET ${identifier(table.name)} = $2 WHERE ${identifier(table.key)} = $1`;
  try {
    await inDatabase(
      actor,
      tenant.homeDatabaseId,
      async (client) => {
        const { rowCount } = await client.query(sql, [tenant.key, name]);
        if (rowCount !== 1) {
          throw new Refusal("conflict", `The application's tenants table has no row with the key ${tenant.key}.`, {
            fix: "Import the tenants of this database again: the row may have been deleted.",
          });
        }
        // Nobody else's name is in its way by now.
        await renameCopy(actor, tenant, table, (copy) => copy.query(sql, [tenant.key, name]));
      },
      { tenantId: tenant.key },
    );
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === "23505") {
      throw new Refusal("conflict", "Another tenant of this application already has that name.", {
        fix: "Choose another name.",
        fieldErrors: { name: "is taken" },
        cause: error,
      });
    }
    throw error;
  }
}

/** A database of its own that was made with the tenant has the tenants table too, for its application to read. */
async function renameCopy(
  actor: Actor,
  { key, homeDatabaseId, placement }: LockedTenant,
  table: NamedTable,
  rename: (client: pg.PoolClient) => Promise<unknown>,
): Promise<void> {
  if (placement?.tier !== "database" || placement.databaseId === homeDatabaseId) return;
  await inDatabase(
    actor,
    placement.databaseId,
    async (client) => {
      const { rows } = await client.query<{ there: boolean }>("SELECT to_regclass($1) IS NOT NULL AS there", [
        relation(table.schema, table.table),
      ]);
      if (rows[0]?.there) await rename(client);
    },
    { tenantId: key },
  );
}
