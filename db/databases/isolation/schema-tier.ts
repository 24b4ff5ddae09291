import type { Attempt, RelationResult } from "./contract.ts";
import { read, worstOf } from "./judge.ts";
import type { Around } from "./look-around.ts";
import type { Identity, Session } from "./session.ts";
import { nameOf, text } from "./subjects.ts";

/**
 * Tables that lie in one tenant's own schema. Where tenants have roles of their own, each other's roles are tried; where one
 * role may use all schemas, the application alone keeps tenants apart, which is said once a schema's table.
 */
export async function trySchemaTier(session: Session, { model, relations, facts }: Around): Promise<RelationResult[]> {
  const tables = model.tables.filter(({ tenantConstant }) => tenantConstant !== null);
  const keys = new Map(tables.map(({ schema, tenantConstant }) => [schema, tenantConstant ?? ""]));
  // A database that is one tenant's own has nobody else's rows.
  if (keys.size === 0 || model.ownTenantKey !== null) return [];
  const roles = facts.reachable.filter(({ superuser, bypasses }) => !superuser && !bypasses).map(({ name }) => name);
  const homes = await session.inTransaction(() => homesOf(session, roles, [...keys.keys()]));
  const results: RelationResult[] = [];
  for (const { schema, name } of tables) {
    const relation = relations.find((one) => one.schema === schema && one.name === name);
    if (!relation) continue;
    if (homes.length === 0) {
      results.push(relation.may.select ? shared(schema, name, facts.name) : unknown(schema, name));
      continue;
    }
    const attempts = await session.inTransaction(async () => {
      const found: Attempt[] = [];
      for (const [role, home] of homes) {
        if (home === schema) continue;
        const who: Identity = { label: `role ${role}`, role, settings: [] };
        found.push(
          await read(
            session,
            who,
            `SELECT 1 FROM ${nameOf(relation)} LIMIT 1`,
            () => "saw a row of another tenant's schema",
          ),
        );
      }
      return found;
    });
    const worst = worstOf(attempts);
    const verdict = worst?.outcome === "leaked" ? "leaks" : worst?.outcome === "unproven" ? "unproven" : "proven";
    const detail =
      worst && worst.outcome !== "held"
        ? `As ${worst.session}: ${worst.detail}.`
        : `Tried as the roles of ${homes.length} tenants.`;
    results.push({ schema, name, kind: "table", verdict, detail, attempts });
  }
  return results;
}

function shared(schema: string, name: string, role: string): RelationResult {
  const detail = `${role} may use every tenant's schema: the application alone keeps tenants apart.`;
  return { schema, name, kind: "table", verdict: "unprotected", detail, attempts: [] };
}

function unknown(schema: string, name: string): RelationResult {
  const detail = "No role was found that is one tenant's own, so that nobody could be tried.";
  return { schema, name, kind: "table", verdict: "unproven", detail, attempts: [] };
}

/** For each role that is one tenant's own, that tenant's schema: the one it is named after, or the only one it may use. */
async function homesOf(
  session: Session,
  roles: readonly string[],
  schemas: readonly string[],
): Promise<[string, string][]> {
  if (roles.length === 0) return [];
  const usable = await session.look<{ role: string; schemas: string[] }>(
    `SELECT role, ARRAY(SELECT name FROM unnest(ARRAY[${schemas.map(text).join(", ")}]) AS name WHERE has_schema_privilege(role, name, 'USAGE')) AS schemas
       FROM unnest(ARRAY[${roles.map(text).join(", ")}]::name[]) AS role`,
  );
  return (usable ?? []).flatMap(({ role, schemas: own }): [string, string][] => {
    const home = namedAfter(role, schemas) ?? (own.length === 1 ? own[0] : undefined);
    return home === undefined ? [] : [[role, home]];
  });
}

/** `tenant_acme` belongs to a role tenant_acme, app_tenant_acme or app_acme. */
function namedAfter(role: string, schemas: readonly string[]): string | undefined {
  const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");
  const tail = (name: string): string => plain(name.replace(/^[a-z]+_/i, ""));
  const longest = [...schemas].sort((one, two) => two.length - one.length);
  const ends = (schema: string): boolean =>
    tail(schema).length > 1 && new RegExp(`(^|[^a-z0-9])${tail(schema)}$`).test(role.toLowerCase());
  return (
    longest.find((schema) => plain(role) === plain(schema)) ??
    longest.find((schema) => plain(role).endsWith(plain(schema))) ??
    longest.find(ends)
  );
}
