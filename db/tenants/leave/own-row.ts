import pg from "pg";
import { withDatabase } from "../../fleet.ts";
import { relation } from "../../managed/statement.ts";
import { limits } from "../../transaction.ts";
import { type LivingTenant, speakPlainly, type TenantTable } from "./tables.ts";

/** The row that lists the tenant, as a table that holds no more of it. */
export function ownRow({ tenantsTable, key }: LivingTenant): TenantTable {
  return {
    schema: tenantsTable.schema,
    name: tenantsTable.table,
    condition: `caretaker_row.${pg.escapeIdentifier(tenantsTable.key)} = ${pg.escapeLiteral(key)}`,
  };
}

/** Whether that row lies where the tenant lives: in the database that lists it, or as the copy that one of its own may have. */
export async function hasOwnRow(place: pg.ClientBase, tenant: LivingTenant): Promise<boolean> {
  if (tenant.databaseId === tenant.homeDatabaseId) return true;
  // A database that lists others has a table of that name for its own tenants.
  if (tenant.tier !== "database") return false;
  const { schema, name, condition } = ownRow(tenant);
  const there = await place.query("SELECT WHERE to_regclass($1) IS NOT NULL", [relation(schema, name)]);
  if (there.rowCount === 0) return false;
  return (await place.query(`SELECT FROM ${relation(schema, name)} caretaker_row WHERE ${condition}`)).rowCount === 1;
}

/** Reads the row where the tenant lives if it lies there, else in the database that lists it. */
export async function readOwnRow<T>(
  place: pg.PoolClient,
  tenant: LivingTenant,
  read: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  return (await hasOwnRow(place, tenant)) ? await read(place) : await atHome(tenant, read);
}

export function atHome<T>(tenant: LivingTenant, read: (home: pg.PoolClient) => Promise<T>): Promise<T> {
  return withDatabase(
    tenant.homeDatabaseId,
    async (home) => {
      await home.query("SET LOCAL row_security = off");
      await speakPlainly(home);
      return await read(home);
    },
    { limits: limits.long },
  );
}
