import type pg from "pg";
import { controlPool } from "../../../control.ts";
import type { MoveProblem } from "../../contract.ts";
import { listsTenants } from "../hosts.ts";
import type { MovingTenant, Place } from "../place.ts";

type Guest = Pick<MovingTenant, "id" | "key" | "name" | "homeDatabaseId">;

const elsewhere =
  "Choose the database that lists the tenant, one that lists no tenants and knows none of this key, or a database of the tenant's own.";

/**
 * What the console knows against a database that does not list the tenant. A database knows tenants by their keys alone, where it
 * says where they live and which are suspended: two of one key would be taken for each other.
 */
export async function checkHost(tenant: Guest, to: Place): Promise<MoveProblem[]> {
  if (to.databaseId === tenant.homeDatabaseId) return [];
  const { rows } = await controlPool().query<{ isOwn: boolean; lists: boolean; namesake: string | null }>(
    `SELECT d.own_tenant_key IS NOT NULL AS "isOwn", ${listsTenants} AS lists,
            (SELECT n.name FROM placements p JOIN tenants n ON n.id = p.tenant_id
              WHERE p.database_id = d.id AND p.state NOT IN ('importing', 'dropped') AND n.key = $2 AND n.id <> $3 LIMIT 1) AS namesake
       FROM databases d WHERE d.id::text = $1`,
    [to.databaseId, tenant.key, tenant.id],
  );
  const [host] = rows;
  if (!host) return [];
  if (to.tier === "schema" && host.isOwn) {
    return [
      stops(
        "own_database",
        to.databaseName,
        `${to.databaseName} is one tenant's own: it is dropped when that tenant leaves, with every schema in it.`,
      ),
    ];
  }
  if (to.tier === "schema" && host.lists) {
    return [
      stops(
        "lists_tenants",
        to.databaseName,
        `${to.databaseName} lists tenants of its own and knows them by their keys alone: one with the key ${tenant.key}, now or later, would be sent where ${tenant.name} lives, and be suspended with it.`,
      ),
    ];
  }
  if (host.namesake === null) return [];
  return [sameKey(tenant, to, `${host.namesake} lives there, or did until a moment ago`)];
}

/** What the database itself knows of another tenant with the same key; `placementId` is that of the move, where it has one. */
export async function checkNamesakes(
  client: pg.ClientBase,
  tenant: Guest,
  to: Place,
  placementId: string | null,
): Promise<MoveProblem[]> {
  if (to.databaseId === tenant.homeDatabaseId) return [];
  const { rows } = await client.query<{ gate: string | null; suspended: boolean }>(
    `SELECT (SELECT schema_name FROM caretaker.gates WHERE tenant_key = $1 AND schema_name <> $2 LIMIT 1) AS gate,
            EXISTS (SELECT FROM caretaker.suspended_tenants WHERE tenant_key = $1) AS suspended`,
    [tenant.key, to.schema],
  );
  const [found] = rows;
  if (found && found.gate !== null) return [sameKey(tenant, to, `its gate for the schema ${found.gate} stands there`)];
  if (!found?.suspended || (await livedThere(tenant, to, placementId))) return [];
  return [sameKey(tenant, to, "it is suspended there")];
}

/** A tenant that left while it was suspended has left that behind. */
async function livedThere({ id }: Guest, to: Place, placementId: string | null): Promise<boolean> {
  const { rowCount } = await controlPool().query(
    "SELECT FROM placements WHERE tenant_id = $1 AND database_id = $2 AND id IS DISTINCT FROM $3 LIMIT 1",
    [id, to.databaseId, placementId],
  );
  return rowCount === 1;
}

function sameKey({ key }: Guest, { databaseName }: Place, why: string): MoveProblem {
  return stops(
    "same_key",
    databaseName,
    `${databaseName} knows another tenant with the key ${key}: ${why}. It knows tenants by their keys alone, and would take one for the other.`,
  );
}

function stops(code: string, subject: string, message: string): MoveProblem {
  return { severity: "blocking", code, subject, message, fix: elsewhere };
}
