import type { RowSecurityNow } from "../../managed/moving/guard.ts";
import type { Standing } from "../../managed/moving/table.ts";
import type { FoundTable } from "./catalog.ts";
import type { Surroundings } from "./check/servers.ts";
import type { PlannedEnds } from "./phases.ts";
import { addressOf, type ModelledTable, type MovingTenant, type Place } from "./place.ts";

/** Both places before the move has an id, which is zeros until then. */
export function standingsOf(tenant: MovingTenant, place: Place): { from: Standing; to: Standing } {
  const of = (side: "a" | "b", { schema, tier }: Place): Standing => ({
    moveId: "00000000-0000-0000-0000-000000000000",
    tenantKey: tenant.key,
    side,
    schema,
    shared: tier === "shared",
  });
  return { from: of("a", tenant.place), to: of("b", place) };
}

const none: RowSecurityNow = { enabled: false, forced: false };

/** `there` are the shared tables that the tenant comes to; its own ones get row security as those that it leaves, and as the model says. */
export function endsOf(
  tenant: MovingTenant,
  place: Place,
  standings: { from: Standing; to: Standing },
  [here, target]: [Surroundings, Surroundings],
  modelled: readonly ModelledTable[],
  found: readonly FoundTable[],
  there: readonly FoundTable[],
): PlannedEnds {
  const before = standings.to.shared ? securityOf(there) : securityToCome(tenant, modelled, found);
  return {
    from: {
      standing: standings.from,
      address: addressOf(tenant, tenant.place),
      role: here.role,
      before: securityOf(found),
      made: securityOf(found),
    },
    to: {
      standing: standings.to,
      address: addressOf(tenant, place),
      role: target.role,
      before,
      made: standings.to.shared ? before : Object.fromEntries(found.map(({ name }) => [name, none])),
    },
    one: place.databaseId === tenant.place.databaseId,
  };
}

function securityOf(tables: readonly FoundTable[]): Record<string, RowSecurityNow> {
  return Object.fromEntries(tables.map(({ name, rowSecurity }) => [name, rowSecurity]));
}

function securityToCome(
  { applicationRole }: MovingTenant,
  modelled: readonly ModelledTable[],
  found: readonly FoundTable[],
): Record<string, RowSecurityNow> {
  const secured = new Set(
    modelled
      .filter((one) => one.rowSecurity && one.tenantColumn !== null && applicationRole !== null)
      .map(({ name }) => name),
  );
  return Object.fromEntries(
    found.map(({ name, rowSecurity: { enabled, forced } }) => [
      name,
      { enabled: enabled || secured.has(name), forced: forced || secured.has(name) },
    ]),
  );
}
