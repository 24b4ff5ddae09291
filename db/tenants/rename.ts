import pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { inDatabase } from "../fleet.ts";
import type { RenameTenant } from "./contract.ts";
import { type LockedTenant, lockTenant } from "./lock.ts";

/**
 * Renames a tenant in the managed application's own table and here.
 *
 * The managed row commits first, while the control row is locked: after a crash between the two the application's name
 * is the new one, and the next import of the tenants (or the same rename again) brings this side after it.
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
  const quote = pg.escapeIdentifier;
  const sql = `UPDATE ${quote(table.schema)}.${quote(table.table)}
                  SET ${quote(table.name)} = $2
                WHERE ${quote(table.key)} = $1`;
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
