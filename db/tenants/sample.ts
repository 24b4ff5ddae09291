import pg from "pg";
import type { PathStep } from "../schema/fleet.ts";

/** A table of the shared tier, and how its rows lead to the tenant's key. */
export interface SharedTable {
  schema: string;
  name: string;
  /** The tenant's key, in the table itself or, with a path, in the last table of the path. */
  tenantColumn: string;
  path: PathStep[];
}

export interface TenantShare {
  key: string;
  rows: number;
  bytes: number;
  method: "exact" | "sample";
  errorRatio: number;
}

interface Shape {
  columns: string[];
  pages: number;
  totalBytes: number;
}

// 1,000 pages are 8 MB: read in tens of milliseconds, and enough for an error of some percent where tenants are mixed.
const pagesMax = 1_000;

/**
 * How a shared table divides among its tenants, from whole pages drawn at random: one reading serves every tenant.
 * The table's full size on disk (with indexes and TOAST) is divided by each tenant's share of the stored row bytes.
 * The error counts pages and not rows, because rows of one tenant lie together.
 */
export async function sampleTable(client: pg.PoolClient, table: SharedTable): Promise<TenantShare[]> {
  const shape = await shapeOf(client, table);
  const fraction = shape.pages <= pagesMax ? 1 : pagesMax / shape.pages;
  const { rows } = await client.query<{ key: string | null; rows: string; bytes: string; pages: string }>(
    sampleStatement(table, shape.columns),
    [fraction * 100],
  );
  const sampled = rows.reduce((sum, row) => sum + Number(row.bytes), 0);
  return rows.flatMap(({ key, ...found }) =>
    key === null || sampled === 0
      ? []
      : [
          {
            key,
            rows: Math.round(Number(found.rows) / fraction),
            bytes: Math.round((shape.totalBytes * Number(found.bytes)) / sampled),
            method: fraction === 1 ? "exact" : "sample",
            errorRatio: 1.96 * Math.sqrt((1 - fraction) / Number(found.pages)),
          } satisfies TenantShare,
        ],
  );
}

async function shapeOf(client: pg.PoolClient, table: SharedTable): Promise<Shape> {
  const { rows } = await client.query<{ columns: string[]; bytes: string; totalBytes: string; block: string }>(
    `SELECT (SELECT array_agg(a.attname::text ORDER BY a.attnum)
               FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
            sum(pg_relation_size(part.oid)) AS bytes,
            sum(pg_total_relation_size(part.oid)) AS "totalBytes",
            current_setting('block_size') AS block
       FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
       CROSS JOIN LATERAL (
         SELECT c.oid WHERE c.relkind <> 'p'
          UNION ALL
         SELECT tree.relid FROM pg_partition_tree(c.oid) tree WHERE c.relkind = 'p' AND tree.isleaf
       ) AS part
      WHERE n.nspname = $1 AND c.relname = $2
      GROUP BY c.oid`,
    [table.schema, table.name],
  );
  const [row] = rows;
  if (!row) return { columns: [], pages: 0, totalBytes: 0 };
  return { columns: row.columns, pages: Number(row.bytes) / Number(row.block), totalBytes: Number(row.totalBytes) };
}

function sampleStatement(table: SharedTable, columns: string[]): string {
  const quote = pg.escapeIdentifier;
  // Column by column, since pg_column_size of the whole row would fetch every value from TOAST.
  const bytes = ["24", ...columns.map((column) => `coalesce(pg_column_size(t0.${quote(column)}), 0)`)].join(" + ");
  const joins = table.path.map((step, index) => {
    const on = step.columns.map(
      (column, at) => `t${index + 1}.${quote(step.parentColumns[at] ?? column)} = t${index}.${quote(column)}`,
    );
    return `LEFT JOIN ${quote(step.schema)}.${quote(step.table)} t${index + 1} ON ${on.join(" AND ")}`;
  });
  return `SELECT t${table.path.length}.${quote(table.tenantColumn)}::text AS key,
                 count(*) AS rows,
                 sum(${bytes}) AS bytes,
                 count(DISTINCT (t0.tableoid, (t0.ctid::text::point)[0])) AS pages
            FROM ${quote(table.schema)}.${quote(table.name)} t0 TABLESAMPLE SYSTEM ($1)
            ${joins.join("\n")}
           GROUP BY 1`;
}
