import { placesOf, type TenantPlace } from "../../audit/tenant-places.ts";
import type { ManagedTable } from "../../managed-tables.ts";
import { ownership, tenantsTableOf } from "../ownership.ts";

/** A tenant that lives elsewhere than where its rows went. */
export interface Mover {
  lives: TenantPlace;
  /** Every other place that it has or had: its rows may have come back there. */
  others: TenantPlace[];
}

interface Taken {
  schema: string | null;
  table: string | null;
  tenant: string | null;
}

/** Tells of a row that went whether its tenant lives elsewhere by now. */
export type Movers = (row: Taken) => Mover | null;

/** Of tenants by the keys that a database's log has. */
export async function moversOf(
  databaseId: string,
  managed: readonly ManagedTable[],
  tenants: readonly (string | null)[],
): Promise<Movers> {
  const keys = [...new Set(tenants.flatMap((tenant) => tenant ?? []))];
  const all = keys.length === 0 ? [] : await placesOf(keys, databaseId);
  const places = Map.groupBy(all, ({ tenant }) => tenant);
  if (![...places.values()].some((of) => of.length > 1)) return () => null;
  const tenantsTable = await tenantsTableOf(databaseId);
  return ({ schema, table, tenant }) => {
    const of = places.get(tenant ?? "") ?? [];
    const isHere = (place: TenantPlace) => place.databaseId === databaseId && place.schema === schema;
    const [lives, left] = [of.find((place) => place.lives), of.find(isHere)];
    if (!lives || !left || isHere(lives)) return null;
    // What the model says of a tenant's own place goes with the place.
    const known = managed.find((one) => one.schema === schema && one.name === table);
    const isOwn = known
      ? ownership(known, managed, tenantsTable, () => true) === "the tenant's"
      : left.tier !== "shared";
    return isOwn ? { lives, others: of.filter((place) => !isHere(place)) } : null;
  };
}

/** Where the tenant lives, for people. */
export function livesIn({ lives: { database, schema } }: Mover): string {
  return `${database}, schema ${schema}`;
}
