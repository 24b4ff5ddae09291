import { sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

type Transaction = Parameters<Parameters<NodePgDatabase["transaction"]>[0]>[0];

/** Where a tenant lives, as `caretaker.placements` and the hint of a refused statement say it. */
interface Place {
  host: string;
  port: number;
  database: string;
  schema: string;
}

/**
 * Runs work of one tenant where that tenant lives. `home` is the database that lists the tenants, `shared` the place of all that
 * never moved, `dbOf` keeps one pool a database. When a tenant has just moved, PostgreSQL refuses with 55P04 and says where to:
 * the work is run again there, once. Declare tables without a schema: they are found by the search path.
 */
export function tenantResolver(home: NodePgDatabase, shared: Place, dbOf: (place: Place) => NodePgDatabase) {
  const known = new Map<string, { place: Place; until: number }>();

  async function find(tenant: string): Promise<Place> {
    const cached = known.get(tenant);
    if (cached && cached.until > Date.now()) return cached.place;
    const { rows } = await home.execute<Place & Record<string, unknown>>(
      sql`SELECT host, port, database, schema FROM caretaker.placements WHERE tenant_key = ${tenant}`,
    );
    return remember(tenant, rows[0] ?? shared);
  }

  function remember(tenant: string, place: Place): Place {
    known.set(tenant, { place, until: Date.now() + 60_000 });
    return place;
  }

  return async function inTenant<T>(tenant: string, work: (tx: Transaction) => Promise<T>) {
    for (let again = false; ; again = true) {
      const place = await find(tenant);
      try {
        return await dbOf(place).transaction(async (tx) => {
          await tx.execute(
            sql`SELECT set_config('search_path', quote_ident(${place.schema}) || ', public', true),
                       set_config('app.current_tenant_id', ${tenant}, true)`,
          );
          return work(tx);
        });
      } catch (error) {
        // Drizzle wraps what the driver threw.
        const { code, hint } = ((error as Error).cause ?? error) as { code?: string; hint?: string };
        if (again || code !== "55P04") throw error;
        remember(tenant, JSON.parse(hint ?? "null") ?? shared);
      }
    }
  };
}
