import type { RowSecurityNow } from "../../managed/moving/guard.ts";
import type { Standing } from "../../managed/moving/table.ts";
import { relation, type Statement } from "../../managed/statement.ts";
import type { FoundTable } from "./catalog.ts";
import type { Surroundings } from "./check/servers.ts";
import type { PlannedEnd, PlannedEnds } from "./phases.ts";
import { addressOf, type MovingTenant, type Place } from "./place.ts";

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

type Security = PlannedEnd["before"];

const none: RowSecurityNow = { enabled: false, forced: false };

/** `made` makes the tenant's own tables; `there` are the shared ones that it comes to. */
export function endsOf(
  tenant: MovingTenant,
  place: Place,
  standings: { from: Standing; to: Standing },
  [here, target]: [Surroundings, Surroundings],
  found: readonly FoundTable[],
  made: readonly Statement[],
  there: readonly FoundTable[],
): PlannedEnds {
  const before = standings.to.shared ? securityOf(there) : securityToCome(place, made, found);
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

function securityOf(tables: readonly FoundTable[]): Security {
  return Object.fromEntries(tables.map(({ name, rowSecurity }) => [name, rowSecurity]));
}

/** As the statements leave it that make the tables. */
function securityToCome(place: Place, made: readonly Statement[], found: readonly FoundTable[]): Security {
  return Object.fromEntries(
    found.map(({ name }) => {
      const changes = made.filter(({ sql }) => sql.startsWith(`ALTER TABLE ${relation(place.schema, name)} `));
      const has = (change: RegExp) => changes.some(({ sql }) => change.test(sql));
      return [name, { enabled: has(/ ENABLE ROW LEVEL SECURITY/), forced: has(/ FORCE ROW LEVEL SECURITY/) }];
    }),
  );
}
