import { inArray } from "drizzle-orm";
import { control } from "../control.ts";
import { tenants } from "../schema/tenants.ts";
import { isUuid } from "./scope.ts";

/** Names of tenants by the key that the log has; keys that nobody or more than one has are left out. */
export async function tenantNames(
  keys: readonly string[],
  databaseIds: readonly string[],
): Promise<Map<string, string>> {
  const asked = [...new Set(keys)];
  if (asked.length === 0) return new Map();
  const found = await control()
    .select({ id: tenants.id, key: tenants.key, name: tenants.name, home: tenants.homeDatabaseId })
    .from(tenants)
    .where(inArray(tenants.key, asked));
  const own = await control()
    .select({ id: tenants.id, name: tenants.name })
    .from(tenants)
    .where(inArray(tenants.id, asked.filter(isUuid)));
  const names = new Map(own.map(({ id, name }) => [id, name]));
  for (const [key, of] of Map.groupBy(found, (tenant) => tenant.key)) {
    const near = of.filter(({ home }) => databaseIds.includes(home));
    const [one, ...more] = near.length > 0 ? near : of;
    if (one && more.length === 0) names.set(key, one.name);
  }
  return names;
}
