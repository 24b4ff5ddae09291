import type postgres from "postgres";

/** Where a tenant lives, as `caretaker.placements` and the hint of a refused statement say it. */
interface Place {
  host: string;
  port: number;
  database: string;
  schema: string;
}

/**
 * Runs work of one tenant where that tenant lives. `home` is the database that lists the tenants, `shared` the place of all that
 * never moved, `sqlOf` keeps one client a database. When a tenant has just moved, PostgreSQL refuses with 55P04 and says where to:
 * the work is run again there, once.
 */
export function tenantResolver(home: postgres.Sql, shared: Place, sqlOf: (place: Place) => postgres.Sql) {
  const known = new Map<string, { place: Place; until: number }>();

  async function find(tenant: string): Promise<Place> {
    const cached = known.get(tenant);
    if (cached && cached.until > Date.now()) return cached.place;
    const [place] = await home<Place[]>`
      SELECT host, port, database, schema FROM caretaker.placements WHERE tenant_key = ${tenant}`;
    return remember(tenant, place ?? shared);
  }

  function remember(tenant: string, place: Place): Place {
    known.set(tenant, { place, until: Date.now() + 60_000 });
    return place;
  }

  return async function inTenant<T>(tenant: string, work: (sql: postgres.TransactionSql) => Promise<T>) {
    for (let again = false; ; again = true) {
      const place = await find(tenant);
      try {
        return await sqlOf(place).begin(async (sql) => {
          await sql`SELECT set_config('search_path', quote_ident(${place.schema}) || ', public', true),
                           set_config('app.current_tenant_id', ${tenant}, true)`;
          return work(sql);
        });
      } catch (error) {
        const { code, hint } = error as Partial<postgres.PostgresError>;
        if (again || code !== "55P04") throw error;
        remember(tenant, JSON.parse(hint ?? "null") ?? shared);
      }
    }
  };
}
