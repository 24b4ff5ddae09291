import pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { withDatabase } from "../fleet.ts";
import type { TenantDetail, TenantStatements } from "./contract.ts";

const shown = 10;
/** The extension is there and its library is not loaded. */
const notLoaded = "55000";

/**
 * What a tenant's statements cost, from pg_stat_statements: of a database of its own all of them, of a schema of its own those that
 * name it. PostgreSQL counts statements by user and database and not by what a session has set, so that in shared tables they are
 * everybody's.
 */
export async function tenantStatements(actor: Actor, tenant: TenantDetail): Promise<TenantStatements> {
  authorise(actor, "tenants.read");
  const place = tenant.placements.find(({ state }) => state === "open");
  if (!place || place.tier === "shared") return { kept: "shared" };
  const missing = { kept: "missing" as const, databaseName: place.databaseName };
  const reading = withDatabase(place.databaseId, async (client): Promise<TenantStatements> => {
    const view = await viewOf(client);
    if (view === null) return missing;
    const { rows } = await client.query<{ query: string; calls: number; milliseconds: number; rows: number }>(
      `SELECT left(query, 300) AS query, sum(calls)::float8 AS calls, sum(total_exec_time)::float8 AS milliseconds, sum(rows)::float8 AS rows
         FROM ${view}
        WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND ($1 = 'database' OR strpos(query, $2) > 0)
        GROUP BY 1
        ORDER BY 3 DESC
        LIMIT ${shown}`,
      [place.tier, place.schema],
    );
    return { kept: "here", statements: rows };
  });
  return reading.catch((error: unknown) => {
    if (error instanceof pg.DatabaseError && error.code === notLoaded) return missing;
    throw error;
  });
}

/** An extension lies in whatever schema it was made in. */
async function viewOf(client: pg.PoolClient): Promise<string | null> {
  const { rows } = await client.query<{ schema: string }>(
    `SELECT n.nspname AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'`,
  );
  return rows[0] ? `${pg.escapeIdentifier(rows[0].schema)}.pg_stat_statements` : null;
}
