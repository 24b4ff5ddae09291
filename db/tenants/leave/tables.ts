import pg from "pg";
import { controlPool } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { relation } from "../../managed/statement.ts";
import type { NamedTable, PathStep } from "../../schema/fleet.ts";
import type { Tier } from "../contract.ts";

/** A table that holds rows of a tenant, and which of them are its. */
export interface TenantTable {
  schema: string;
  name: string;
  /** SQL over the alias `caretaker_row`. */
  condition: string;
}

export interface LivingTenant {
  id: string;
  key: string;
  name: string;
  status: string;
  homeDatabaseId: string;
  homeDatabaseName: string;
  tenantsTable: NamedTable;
  tier: Tier;
  databaseId: string;
  databaseName: string;
  serverId: string;
  schema: string;
}

/** @throws Refusal `not_found`, or `conflict` for one that lives nowhere or is being moved. */
export async function livingTenant(tenantId: string): Promise<LivingTenant> {
  const { rows } = await controlPool().query<LivingTenant & { moving: boolean }>(
    `SELECT t.id, t.key, t.name, t.status, t.home_database_id AS "homeDatabaseId", h.name AS "homeDatabaseName",
            h.tenants_table AS "tenantsTable", p.tier, p.database_id AS "databaseId", d.name AS "databaseName", d.server_id AS "serverId", p.schema,
            EXISTS (SELECT FROM moves m WHERE m.tenant_id = t.id AND m.state NOT IN ('completed', 'aborted')) AS moving
       FROM tenants t
       JOIN databases h ON h.id = t.home_database_id
       JOIN placements p ON p.tenant_id = t.id AND p.state = 'open'
       JOIN databases d ON d.id = p.database_id
      WHERE t.id = $1 AND h.tenants_table IS NOT NULL`,
    [tenantId],
  );
  const [tenant] = rows;
  if (!tenant) {
    throw new Refusal("conflict", "This tenant lives nowhere: it was archived, or is being moved.", {
      fix: "Reload its screen.",
    });
  }
  if (tenant.moving) {
    throw new Refusal("conflict", `${tenant.name} is being moved.`, { fix: "Complete or abort the move first." });
  }
  return tenant;
}

interface Managed {
  schema: string;
  name: string;
  class: "tenant" | "child";
  tenantColumn: string | null;
  tenantPath: PathStep[];
  endColumn: string | null;
}

/** The tables in which the tenant has rows where it lives. The one that lists it is not among them. */
export async function tablesOf(tenant: LivingTenant): Promise<TenantTable[]> {
  const { rows } = await controlPool().query<Managed>(
    `SELECT m.schema, m.name, m.class, m.tenant_column AS "tenantColumn", m.tenant_path AS "tenantPath",
            last.tenant_column AS "endColumn"
       FROM managed_tables m
       LEFT JOIN managed_tables last
              ON last.database_id = m.database_id
             AND last.schema = m.tenant_path -> -1 ->> 'schema' AND last.name = m.tenant_path -> -1 ->> 'table'
      WHERE m.database_id = $1 AND m.class IN ('tenant', 'child') AND (m.schema, m.name) <> ($2, $3)
        AND CASE WHEN $4 = 'shared' THEN m.tenant_constant IS NULL AND NOT EXISTS (SELECT FROM placements o WHERE o.database_id = m.database_id AND o.tier = 'schema' AND o.schema = m.schema)
                 WHEN $4 = 'schema' THEN m.schema = $5 ELSE true END
      ORDER BY m.schema, m.name`,
    [tenant.databaseId, tenant.tenantsTable.schema, tenant.tenantsTable.table, tenant.tier, tenant.schema],
  );
  return rows.map((row) => ({
    schema: row.schema,
    name: row.name,
    condition: tenant.tier === "shared" ? conditionOf(row, tenant.key) : "true",
  }));
}

/** The bare literal takes the type of the column it is compared with, so that an index of the column serves. */
function conditionOf(table: Managed, key: string): string {
  const quote = pg.escapeIdentifier;
  const literal = pg.escapeLiteral(key);
  if (table.class === "tenant" && table.tenantColumn !== null)
    return `caretaker_row.${quote(table.tenantColumn)} = ${literal}`;
  const steps = table.tenantPath;
  if (steps.length === 0 || table.endColumn === null) {
    throw new Refusal(
      "unsupported",
      `It is not known how rows of ${table.schema}.${table.name} lead to their tenant.`,
      {
        fix: "Look at the table's class under Databases.",
      },
    );
  }
  const on = (step: PathStep, at: number): string =>
    step.columns
      .map(
        (column, place) =>
          `p${at}.${quote(step.parentColumns[place] ?? column)} = ${at === 0 ? "caretaker_row" : `p${at - 1}`}.${quote(column)}`,
      )
      .join(" AND ");
  const [first] = steps;
  const joins = steps
    .slice(1)
    .map((step, at) => `JOIN ${relation(step.schema, step.table)} p${at + 1} ON ${on(step, at + 1)}`);
  return first
    ? `EXISTS (SELECT FROM ${relation(first.schema, first.table)} p0 ${joins.join(" ")} WHERE ${on(first, 0)} AND p${steps.length - 1}.${quote(table.endColumn)} = ${literal})`
    : "true";
}

export interface Tally {
  rows: number;
  /** Of every row's text, in any order; null for none. */
  hash: string | null;
}

/** What leaves, as it was counted for the plan. */
export interface Counted extends Record<string, unknown> {
  /** By "schema.table". */
  tallies: Record<string, Tally>;
  /** The row that lists the tenant, where it is listed: its own database may have a copy of it, which is among the tallies then. */
  listed: Tally;
}

export function nameOf({ schema, name }: Pick<TenantTable, "schema" | "name">): string {
  return `${schema}.${name}`;
}

export function isSame(one: Tally | undefined, other: Tally): boolean {
  return one?.rows === other.rows && one.hash === other.hash;
}

/** How many rows a table holds of the tenant, and a sum that is another one when any value of them is. */
export async function tally(client: pg.ClientBase, { schema, name, condition }: TenantTable): Promise<Tally> {
  const { rows } = await client.query<{ rows: string; hash: string | null }>(
    `SELECT count(*)::text AS rows, sum(hashtextextended(caretaker_row::text, 0))::text AS hash FROM ${relation(schema, name)} caretaker_row WHERE ${condition}`,
  );
  return { rows: Number(rows[0]?.rows ?? 0), hash: rows[0]?.hash ?? null };
}

/** What makes the text of a row the same on every connection. */
export async function speakPlainly(client: pg.ClientBase): Promise<void> {
  await client.query(
    `SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true), set_config('intervalstyle', 'postgres', true),
            set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true)`,
  );
}
