import pg from "pg";
import type { NamedTable } from "../schema/fleet.ts";
import type { Catalog } from "./catalog.ts";

/**
 * Schemas that hold one tenant each, with that tenant's key: named after the tenant's key or slug, with or without a prefix
 * such as `t_` or `tenant_`, and holding tables that stand beside the tenants table too.
 */
export async function readTenantSchemas(
  client: pg.ClientBase,
  catalog: Catalog,
  tenants: NamedTable | null,
): Promise<Map<string, string>> {
  const schemas = tenants ? similarSchemas(catalog, tenants.schema) : [];
  if (!tenants || schemas.length === 0) return new Map();
  const key = `${pg.escapeIdentifier(tenants.key)}::text`;
  const slug = tenants.slug ? `${pg.escapeIdentifier(tenants.slug)}::text` : "NULL::text";
  const table = `${pg.escapeIdentifier(tenants.schema)}.${pg.escapeIdentifier(tenants.table)}`;
  const { rows } = await client.query<{ schema: string; key: string }>(
    `SELECT DISTINCT ON (candidate.schema) candidate.schema, tenant.key
       FROM (SELECT schema, lower(regexp_replace(schema, '[^[:alnum:]]', '', 'g')) AS squeezed,
                    lower(regexp_replace(regexp_replace(schema, '^[[:alpha:]]+_', ''), '[^[:alnum:]]', '', 'g')) AS tail
               FROM unnest($1::text[]) AS one (schema)) AS candidate
       JOIN (SELECT ${key} AS key,
                    lower(regexp_replace(${key}, '[^[:alnum:]]', '', 'g')) AS squeezed_key,
                    lower(regexp_replace(${slug}, '[^[:alnum:]]', '', 'g')) AS squeezed_slug
               FROM ${table}) AS tenant
         ON tenant.squeezed_key IN (candidate.tail, candidate.squeezed)
         OR tenant.squeezed_slug IN (candidate.tail, candidate.squeezed)
      ORDER BY candidate.schema, (tenant.squeezed_key IN (candidate.tail, candidate.squeezed)) DESC, tenant.key`,
    [schemas],
  );
  return new Map(rows.map((row) => [row.schema, row.key]));
}

/** Schemas most of whose tables bear the names of tables in the tenants' shared schema. */
function similarSchemas(catalog: Catalog, shared: string): string[] {
  const names = new Set(catalog.tables.filter((table) => table.schema === shared).map((table) => table.name));
  const schemas = [...new Set(catalog.tables.map((table) => table.schema))].filter((schema) => schema !== shared);
  return schemas.filter((schema) => {
    const own = catalog.tables.filter((table) => table.schema === schema);
    return own.filter((table) => names.has(table.name)).length * 2 > own.length;
  });
}
