import type pg from "pg";
import type { ServerLimits } from "./contract.ts";

/** Measured: a connection that has used a tenant's 20 tables with 3 indexes each holds about 304 kB for them. */
const bytesPerTable = 15_200;

/** Measured: 2,000 schemas of 20 tables with 3 indexes each have 518 MB more of catalogs than 100 of them. */
const catalogBytesPerTable = 14_000;

/** What one transaction can lock, what connections and caches there can be, and how many tables there are. */
export async function readLimits(client: pg.ClientBase): Promise<ServerLimits> {
  const { rows } = await client.query<{
    slots: number;
    connections: number;
    tables: number;
    catalog: string;
    buffers: string;
    cache: string;
  }>(
    `SELECT current_setting('max_locks_per_transaction')::int
              * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int) AS slots,
            current_setting('max_connections')::int AS connections,
            pg_size_bytes(current_setting('shared_buffers'))::text AS buffers,
            pg_size_bytes(current_setting('effective_cache_size'))::text AS cache,
            (SELECT count(*)::int FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'caretaker')) AS tables,
            (SELECT sum(pg_total_relation_size(oid)) FROM pg_class
              WHERE relname IN ('pg_class', 'pg_attribute', 'pg_depend', 'pg_type', 'pg_index', 'pg_statistic', 'pg_constraint', 'pg_proc', 'pg_trigger')
                AND relnamespace = 'pg_catalog'::regnamespace)::text AS catalog`,
  );
  const [found] = rows;
  if (!found) throw new Error("The server did not say what it can hold.");
  // Shared memory is laid out with slack: stock settings name 6,400 locks, and 12,937 tables were locked by one transaction.
  // A quarter is left to everybody else.
  return {
    lockableTables: Math.floor(found.slots * 1.5),
    tables: found.tables,
    bytesPerTable,
    connections: found.connections,
    catalogBytes: Number(found.catalog),
    catalogBytesPerTable,
    bufferBytes: Number(found.buffers),
    cacheBytes: Number(found.cache),
  };
}
