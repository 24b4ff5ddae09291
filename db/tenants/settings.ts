import pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { controlPool } from "../control.ts";
import { withDatabase } from "../fleet.ts";
import type { NamedTable } from "../schema/fleet.ts";
import type { TenantDetail, TenantSettings } from "./contract.ts";

const valueMax = 500;

/**
 * How the application has it set: its row in the application's own tenants table, but for what names it and without what the model
 * masks; and what PostgreSQL sets in a database that is the tenant's alone.
 */
export async function tenantSettings(actor: Actor, tenant: TenantDetail): Promise<TenantSettings> {
  authorise(actor, "tenants.read");
  const home = await homeOf(tenant.id);
  const row = home.table ? await applicationRow(home.databaseId, home.table, home.masked, tenant.key) : [];
  const open = tenant.placements.find(({ state }) => state === "open");
  const database = open?.tier === "database" ? await databaseSettings(open.databaseId) : [];
  return { table: home.table && `${home.table.schema}.${home.table.table}`, row, database };
}

interface Home {
  databaseId: string;
  table: NamedTable | null;
  masked: string[];
}

async function homeOf(tenantId: string): Promise<Home> {
  const { rows } = await controlPool().query<Home>(
    `SELECT d.id AS "databaseId", d.tenants_table AS "table",
            coalesce((SELECT m.masked_columns FROM managed_tables m
                       WHERE m.database_id = d.id AND m.schema = d.tenants_table->>'schema' AND m.name = d.tenants_table->>'table'),
                     '{}') AS masked
       FROM tenants t
       JOIN databases d ON d.id = t.home_database_id
      WHERE t.id = $1`,
    [tenantId],
  );
  const [home] = rows;
  if (!home) throw new Error("A tenant that was read has no database that lists it.");
  return home;
}

/** Column by column in the table's order. A masked value does not leave the database. */
async function applicationRow(
  databaseId: string,
  { schema, table, key, name, slug }: NamedTable,
  masked: string[],
  tenantKey: string,
): Promise<TenantSettings["row"]> {
  const [from, by] = [`${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`, pg.escapeIdentifier(key)];
  return await withDatabase(databaseId, async (client) => {
    const { rows } = await client.query<TenantSettings["row"][number]>(
      `SELECT c.key AS name, c.key = ANY ($2) AS masked,
              CASE WHEN c.key = ANY ($2) THEN NULL ELSE left(c.value, ${valueMax}) END AS value
         FROM ${from} AS t, json_each_text(row_to_json(t)) AS c
        WHERE t.${by}::text = $1 AND c.key <> ALL ($3)`,
      [tenantKey, masked, [key, name, slug].filter((column) => column !== null)],
    );
    return rows;
  });
}

async function databaseSettings(databaseId: string): Promise<TenantSettings["database"]> {
  return await withDatabase(databaseId, async (client) => {
    const { rows } = await client.query<TenantSettings["database"][number]>(
      `SELECT split_part(one, '=', 1) AS name, substr(one, strpos(one, '=') + 1) AS value,
              CASE WHEN s.setrole <> 0 THEN s.setrole::regrole::text END AS role
         FROM pg_db_role_setting s, unnest(s.setconfig) AS one
        WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
        ORDER BY 1, 3`,
    );
    return rows;
  });
}
