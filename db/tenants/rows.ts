/** ISO 8601 with microseconds, which a JavaScript Date would lose. */
export function isoText(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** A tenant with its open placement; the columns are those of `TenantRow`. */
export const tenantSource = `tenants t
       LEFT JOIN placements p ON p.tenant_id = t.id AND p.state = 'open'
       JOIN databases d ON d.id = coalesce(p.database_id, t.home_database_id)`;

export const tenantColumns = `t.id, t.key, t.name, t.slug, t.status, p.tier,
            d.id AS "databaseId", d.name AS "databaseName",
            t.size_bytes::text AS "sizeBytes", ${isoText("t.sized_at")} AS "sizedAt",
            ${isoText("t.created_at")} AS "createdAt"`;
