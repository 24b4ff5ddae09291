import { placesOf } from "../../../audit/tenant-places.ts";
import { withDatabase } from "../../../fleet.ts";
import { managedTablesOf } from "../../../managed-tables.ts";
import { ownership, tenantsTableOf } from "../../ownership.ts";

interface Address {
  schema: string;
  table: string;
  record: string;
}

/** The tenant that a record belonged to, as far as the log knows, where it lives elsewhere by now; else null. */
export async function moverOf(databaseId: string, address: Address): Promise<string | null> {
  const tenant = await tenantOfRecord(databaseId, address);
  if (tenant === null) return null;
  const places = await placesOf([tenant], databaseId);
  const isHere = ({ databaseId: of, schema }: (typeof places)[number]) =>
    of === databaseId && schema === address.schema;
  const lives = places.find((place) => place.lives);
  return lives && !isHere(lives) && places.some(isHere) ? tenant : null;
}

async function tenantOfRecord(databaseId: string, { schema, table, record }: Address): Promise<string | null> {
  const all = await managedTablesOf(databaseId);
  const managed = all.find((one) => one.schema === schema && one.name === table) ?? null;
  // What the model says of a tenant's own place goes with the place.
  const own = ownership(managed, all, await tenantsTableOf(databaseId), () => true);
  if (managed !== null && own !== "the tenant's") return null;
  return withDatabase(databaseId, async (client) => {
    const { rows } = await client.query<{ tenant: string }>(
      `SELECT tenant_id AS tenant FROM caretaker.audit_logs
        WHERE resource_id = $1 AND resource_type = $2 AND resource_schema = $3 AND tenant_id IS NOT NULL
        ORDER BY created_at DESC, id DESC LIMIT 1`,
      [record, table, schema],
    );
    return rows[0]?.tenant ?? null;
  });
}
