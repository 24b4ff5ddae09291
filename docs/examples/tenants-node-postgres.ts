import pg from "pg";

/** Where a tenant lives, as `caretaker.placements` and the hint of a refused statement say it. */
interface Place {
  host: string;
  port: number;
  database: string;
  schema: string;
}

/**
 * Runs work of one tenant where that tenant lives. `home` is the database that lists the tenants, `shared` the place of all that
 * never moved. When a tenant has just moved, PostgreSQL refuses with 55P04 and says where to: the work is run again there, once.
 */
export function tenantResolver(home: pg.Pool, shared: Place, poolOf: (place: Place) => pg.Pool) {
  const known = new Map<string, { place: Place; until: number }>();

  async function find(tenant: string): Promise<Place> {
    const cached = known.get(tenant);
    if (cached && cached.until > Date.now()) return cached.place;
    const { rows } = await home.query<Place>(
      "SELECT host, port, database, schema FROM caretaker.placements WHERE tenant_key = $1",
      [tenant],
    );
    return remember(tenant, rows[0] ?? shared);
  }

  function remember(tenant: string, place: Place): Place {
    known.set(tenant, { place, until: Date.now() + 60_000 });
    return place;
  }

  return async function inTenant<T>(tenant: string, work: (client: pg.PoolClient) => Promise<T>, begin = "BEGIN") {
    for (let again = false; ; again = true) {
      const place = await find(tenant);
      const client = await poolOf(place).connect();
      try {
        await client.query(begin);
        await client.query(
          "SELECT set_config('search_path', quote_ident($1) || ', public', true), set_config('app.current_tenant_id', $2, true)",
          [place.schema, tenant],
        );
        const value = await work(client);
        await client.query("COMMIT");
        client.release();
        return value;
      } catch (error) {
        const refused = error instanceof pg.DatabaseError;
        client.release(!(refused && (await rolledBack(client))));
        if (again || !refused || error.code !== "55P04") throw error;
        remember(tenant, JSON.parse(error.hint ?? "null") ?? shared);
      }
    }
  };
}

/** Whether the connection can go on. A new one for each refused statement would cost everybody, above all right after a move. */
async function rolledBack(client: pg.PoolClient): Promise<boolean> {
  return client.query("ROLLBACK").then(
    () => true,
    () => false,
  );
}
