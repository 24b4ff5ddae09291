import type pg from "pg";

export interface MeasuredTable {
  tenantId: string;
  schema: string;
  name: string;
  rows: number | null;
  bytes: number;
  method: "exact" | "sample" | "pages";
  errorRatio: number | null;
}

/** Replaces what was known of these tenants' sizes and adds them up. Runs in the caller's transaction. */
export async function storeSizes(client: pg.PoolClient, tenantIds: string[], measured: MeasuredTable[]): Promise<void> {
  await client.query("DELETE FROM tenant_table_sizes WHERE tenant_id = ANY ($1::uuid[])", [tenantIds]);
  await client.query(
    `INSERT INTO tenant_table_sizes (tenant_id, schema, name, rows, bytes, method, error_ratio)
     SELECT *
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::real[])`,
    [
      measured.map((table) => table.tenantId),
      measured.map((table) => table.schema),
      measured.map((table) => table.name),
      measured.map((table) => table.rows),
      measured.map((table) => table.bytes),
      measured.map((table) => table.method),
      measured.map((table) => table.errorRatio),
    ],
  );
  await client.query(
    `UPDATE tenants t
        SET size_bytes = measured.bytes, size_error = measured.error, sized_at = now()
       FROM (SELECT wanted.id, coalesce(sum(s.bytes), 0) AS bytes,
                    -- Errors of tables are independent of one another.
                    CASE WHEN bool_or(s.error_ratio IS NULL) THEN NULL
                         ELSE sqrt(sum((s.bytes * s.error_ratio) ^ 2)) / nullif(sum(s.bytes), 0) END AS error
               FROM unnest($1::uuid[]) AS wanted (id)
               LEFT JOIN tenant_table_sizes s ON s.tenant_id = wanted.id
              GROUP BY wanted.id) AS measured
      WHERE t.id = measured.id`,
    [tenantIds],
  );
  await keepDay(client, tenantIds);
}

/** A day is kept when the size has changed since the last one that was, so that idle tenants cost nothing. */
async function keepDay(client: pg.PoolClient, tenantIds: string[]): Promise<void> {
  await client.query(
    `INSERT INTO tenant_size_days (tenant_id, day, bytes, tables)
     SELECT t.id, current_date, t.size_bytes, coalesce(tables.bytes, '{}')
       FROM tenants t
       LEFT JOIN LATERAL (SELECT d.bytes FROM tenant_size_days d WHERE d.tenant_id = t.id ORDER BY d.day DESC LIMIT 1) AS last ON true
       LEFT JOIN LATERAL (SELECT jsonb_object_agg(largest.name, largest.bytes) AS bytes
                            FROM (SELECT s.schema || '.' || s.name AS name, s.bytes FROM tenant_table_sizes s
                                   WHERE s.tenant_id = t.id AND s.bytes > 0 ORDER BY s.bytes DESC LIMIT 12) AS largest) AS tables ON true
      WHERE t.id = ANY ($1::uuid[]) AND t.size_bytes IS DISTINCT FROM last.bytes
         ON CONFLICT (tenant_id, day) DO UPDATE SET bytes = excluded.bytes, tables = excluded.tables`,
    [tenantIds],
  );
  await client.query("DELETE FROM tenant_size_days WHERE tenant_id = ANY ($1::uuid[]) AND day < current_date - 400", [
    tenantIds,
  ]);
  // From the first day of the last thirty, or the last before them, to today.
  await client.query(
    `UPDATE tenants t
        SET growth_bytes = ((t.size_bytes - first.bytes) / greatest(1, current_date - greatest(first.day, current_date - 30)))::bigint
       FROM unnest($1::uuid[]) AS wanted (id)
      CROSS JOIN LATERAL (SELECT d.day, d.bytes FROM tenant_size_days d
                           WHERE d.tenant_id = wanted.id AND d.day < current_date
                           ORDER BY d.day <= current_date - 30 DESC, CASE WHEN d.day <= current_date - 30 THEN current_date - d.day ELSE d.day - current_date + 100000 END
                           LIMIT 1) AS first
      WHERE t.id = wanted.id`,
    [tenantIds],
  );
}
