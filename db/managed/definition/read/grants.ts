import type { Grant } from "../definition.ts";
import type { Reader } from "../reader.ts";

/** What roles other than the owner may do with these relations, by the relation's oid. */
export async function readGrants(reader: Reader, oids: readonly string[]): Promise<Map<string, Grant[]>> {
  const rows = await reader.once<Grant & { oid: string }>(
    `SELECT c.oid::text AS oid, ${granteeOf("acl.grantee")} AS grantee, acl.privilege_type AS privilege,
            acl.is_grantable AS grantable, NULL::text AS "column"
       FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS acl
      WHERE c.oid = ANY ($1::oid[]) AND acl.grantee <> c.relowner
      UNION ALL
     SELECT c.oid::text, ${granteeOf("acl.grantee")}, acl.privilege_type, acl.is_grantable, a.attname::text
       FROM pg_class c
       JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
      CROSS JOIN LATERAL aclexplode(a.attacl) AS acl
      WHERE c.oid = ANY ($1::oid[]) AND acl.grantee <> c.relowner
      ORDER BY 1, 5 NULLS FIRST, 2 NULLS FIRST, 3`,
    [oids],
  );
  return grouped(rows);
}

export async function readFunctionGrants(reader: Reader, oids: readonly string[]): Promise<Map<string, Grant[]>> {
  const rows = await reader.once<Grant & { oid: string }>(
    `SELECT p.oid::text AS oid, ${granteeOf("acl.grantee")} AS grantee, acl.privilege_type AS privilege,
            acl.is_grantable AS grantable, NULL::text AS "column"
       FROM pg_proc p CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS acl
      WHERE p.oid = ANY ($1::oid[]) AND acl.grantee <> p.proowner
      ORDER BY 1, 2 NULLS FIRST, 3`,
    [oids],
  );
  return grouped(rows);
}

export async function readSchemaGrants(reader: Reader): Promise<Grant[]> {
  return await reader.once<Grant>(
    `SELECT ${granteeOf("acl.grantee")} AS grantee, acl.privilege_type AS privilege, acl.is_grantable AS grantable,
            NULL::text AS "column"
       FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) AS acl
      WHERE n.nspname = $1 AND acl.grantee <> n.nspowner
      ORDER BY 1 NULLS FIRST, 2`,
    [reader.schema],
  );
}

function granteeOf(oid: string): string {
  return `CASE WHEN ${oid} = 0 THEN NULL ELSE pg_get_userbyid(${oid})::text END`;
}

function grouped(rows: (Grant & { oid: string })[]): Map<string, Grant[]> {
  const found = new Map<string, Grant[]>();
  for (const { oid, ...grant } of rows) found.set(oid, [...(found.get(oid) ?? []), grant]);
  return found;
}
