import { sql } from "drizzle-orm";
import { type Control, control } from "../../control.ts";
import type { Policy } from "./contract.ts";
import { policiesOf } from "./policies.ts";

/** A table in a place of a tenant's own, and the shared one that it is a copy of. */
interface TableCopy {
  schema: string;
  name: string;
  tenant: string;
  homeId: string;
  homeName: string;
  homeSchema: string;
}

/**
 * The policies that a database goes by: its own, and for the tables that a tenant has to itself here those of the shared tables, of
 * the tenant before that of all, unless the table has one of its own. So a tenant keeps its policies wherever it lives.
 */
export async function policiesIn(databaseId: string, tx: Control = control()): Promise<Policy[]> {
  return withInherited(databaseId, await policiesOf(databaseId, tx), tx);
}

/** The same as if `own` were those of the database itself. */
export async function withInherited(
  databaseId: string,
  own: readonly Policy[],
  tx: Control = control(),
): Promise<Policy[]> {
  const copies = await copiesIn(databaseId, tx);
  const homes = new Map<string, readonly Policy[]>([[databaseId, own]]);
  for (const { homeId } of copies) {
    if (!homes.has(homeId)) homes.set(homeId, await policiesOf(homeId, tx));
  }
  return [...own, ...copies.flatMap((copy) => inheritedBy(copy, own, homes.get(copy.homeId) ?? []))];
}

function inheritedBy(copy: TableCopy, own: readonly Policy[], ofHome: readonly Policy[]): Policy[] {
  if (own.some(({ schema, name }) => schema === copy.schema && name === copy.name)) return [];
  const speaking = ofHome.filter(({ schema, name }) => schema === copy.homeSchema && name === copy.name);
  const policy =
    speaking.find(({ tenant }) => tenant === copy.tenant) ?? speaking.find(({ tenant }) => tenant === null);
  if (!policy) return [];
  const as = { databaseName: copy.homeName, table: `${copy.homeSchema}.${copy.name}`, tenant: policy.tenant };
  return [{ ...policy, schema: copy.schema, name: copy.name, tenant: null, as }];
}

/** The tenants that have tables of a database to themselves, by "schema.table". */
export async function ownersIn(databaseId: string): Promise<Map<string, string>> {
  const copies = await copiesIn(databaseId, control());
  return new Map(copies.map(({ schema, name, tenant }) => [`${schema}.${name}`, tenant]));
}

/** How many tenants of a database's shared tables, or whether the one of that key, live in another database now. */
export async function tenantsElsewhere(databaseId: string, tenant: string | null): Promise<number> {
  const { rows } = await control().execute<{ count: number }>(sql`
    SELECT count(*)::int AS count FROM tenants AS t
     WHERE t.home_database_id = ${databaseId} AND (${tenant}::text IS NULL OR t.key = ${tenant})
       AND EXISTS (SELECT FROM placements AS p WHERE p.tenant_id = t.id AND p.state = 'open' AND p.database_id <> ${databaseId})`);
  return rows[0]?.count ?? 0;
}

/** Where their tenants live: a place that a move has left, or does not end at yet, is purged by nothing that is said elsewhere. */
async function copiesIn(databaseId: string, tx: Control): Promise<TableCopy[]> {
  const { rows } = await tx.execute<TableCopy & Record<string, unknown>>(sql`
    SELECT DISTINCT ON (m.schema, m.name)
           m.schema, m.name, t.key AS tenant, h.database_id AS "homeId", d.name AS "homeName", h.schema AS "homeSchema"
      FROM managed_tables AS m
      JOIN placements AS p ON p.database_id = m.database_id AND p.schema = m.schema AND p.state = 'open' AND p.tier <> 'shared'
      JOIN tenants AS t ON t.id = p.tenant_id
      JOIN databases AS d ON d.id = t.home_database_id
      JOIN managed_tables AS h ON h.database_id = d.id AND h.name = m.name
     WHERE m.database_id = ${databaseId} AND m.soft_delete IS NOT NULL
       AND NOT EXISTS (SELECT FROM placements AS o WHERE o.database_id = h.database_id AND o.schema = h.schema AND o.tier <> 'shared')
     ORDER BY m.schema, m.name, h.schema <> (d.tenants_table ->> 'schema'), h.schema`);
  return rows;
}
