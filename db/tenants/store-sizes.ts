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
        SET size_bytes = measured.bytes, sized_at = now()
       FROM (SELECT wanted.id, coalesce(sum(s.bytes), 0) AS bytes
               FROM unnest($1::uuid[]) AS wanted (id)
               LEFT JOIN tenant_table_sizes s ON s.tenant_id = wanted.id
              GROUP BY wanted.id) AS measured
      WHERE t.id = measured.id`,
    [tenantIds],
  );
}
