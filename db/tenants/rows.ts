/** ISO 8601 with microseconds, which a JavaScript Date would lose. */
export function isoText(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** A tenant with its open placement; the columns are those of `TenantRow`. */
export const tenantSource = `tenants t
       LEFT JOIN placements p ON p.tenant_id = t.id AND p.state = 'open'
       JOIN databases d ON d.id = coalesce(p.database_id, t.home_database_id)
       JOIN servers s ON s.id = d.server_id`;

export const tenantColumns = `t.id, t.key, t.name, t.slug, t.status, p.tier,
            d.id AS "databaseId", d.name AS "databaseName", s.name AS "serverName", p.schema,
            t.size_bytes::text AS "sizeBytes", ${isoText("t.sized_at")} AS "sizedAt", t.size_error AS "sizeError",
            t.growth_bytes::text AS "growthBytes", t.writes::text AS writes, t.write_share AS "writeShare",
            ${isoText("t.last_active_at")} AS "lastActiveAt", t.advised_tier AS "advisedTier",
            t.advice_reason AS "adviceReason", t.dedicated,
            ${isoText("t.created_at")} AS "createdAt"`;
