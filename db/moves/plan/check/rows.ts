import type pg from "pg";
import { type ForeignKey, foreignKeysTo, type TableName } from "../../../managed/foreign-keys.ts";
import { belongs, isStray, type MovingTable, type Standing } from "../../../managed/moving/table.ts";
import { identifier, relation } from "../../../managed/statement.ts";
import type { NamedTable } from "../../../schema/fleet.ts";
import type { MoveProblem } from "../../contract.ts";
import type { FoundTable } from "../catalog.ts";
import type { MovingTenant } from "../place.ts";

/**
 * Foreign keys that lead from the tenant's rows to others' or the other way: one of the two rows would stay behind. Only asked
 * where other tenants' rows are in the same tables.
 */
export async function checkCrossing(
  client: pg.ClientBase,
  tables: readonly MovingTable[],
  standing: Standing,
  tenantsTable: NamedTable,
): Promise<MoveProblem[]> {
  const names = tables.map(({ name }) => ({ schema: standing.schema, table: name }));
  const parts = await partitionsOf(client, names);
  const problems: MoveProblem[] = [];
  for (const key of await foreignKeysTo(client, names)) {
    const parent = tables.find(({ name }) => key.parent.schema === standing.schema && name === key.parent.table);
    const child = tables.find(({ name }) => key.schema === standing.schema && name === key.table);
    if (!parent || parts.has(relation(key.schema, key.table))) continue;
    const joined = `FROM ${relation(key.schema, key.table)} AS c JOIN ${relation(standing.schema, parent.name)} AS p
      ON ${key.columns.map((column, at) => `c.${identifier(column)} = p.${identifier(key.parentColumns[at] ?? "")}`).join(" AND ")}`;
    const other = child && belongs(child, standing, "c");
    const mine = belongs(parent, standing, "p");
    const asked = other
      ? [`SELECT ${joined} WHERE ${other} AND NOT ${mine}`, `SELECT ${joined} WHERE ${mine} AND NOT ${other}`]
      : [`SELECT ${joined} WHERE ${mine}`];
    const { rows } = await client.query<{ there: boolean; nowhere: boolean }>(
      `SELECT ${asked.map((sql) => `EXISTS (${sql})`).join(" OR ")} AS there,
              ${child && other ? `EXISTS (SELECT ${joined} WHERE ${other} AND ${isStray(parent, standing, "p")})` : "false"} AS nowhere`,
    );
    if (!rows[0]?.there) continue;
    if (rows[0].nowhere) {
      problems.push(leadsNowhere(key, parent));
      continue;
    }
    const listed = key.schema === tenantsTable.schema && key.table === tenantsTable.table;
    problems.push({
      severity: "blocking",
      subject: `${key.schema}.${key.table}`,
      ...(child ? crossing(key, joined) : listed ? fromList(key) : fromOutside(key)),
    });
  }
  return problems;
}

/** Partitions have no class of their own; their table is told of once. */
async function partitionsOf(client: pg.ClientBase, names: readonly TableName[]): Promise<Set<string>> {
  const { rows } = await client.query<{ schema: string; name: string }>(
    `SELECT n.nspname AS schema, c.relname AS name
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relispartition AND pg_partition_root(c.oid) = ANY ($1::text[]::regclass[])`,
    [names.map(({ schema, table }) => relation(schema, table))],
  );
  return new Set(rows.map(({ schema, name }) => relation(schema, name)));
}

type Words = Pick<MoveProblem, "code" | "message" | "fix">;

function crossing({ name, table, parent }: ForeignKey, joined: string): Words {
  return {
    code: "crosses_tenants",
    message: `By ${name}, rows of ${table} and ${parent.table} of different tenants belong together.`,
    fix: `Correct those rows, or look for them: SELECT * ${joined};`,
  };
}

function fromList({ name, table, parent, columns }: ForeignKey): Words {
  return {
    code: "listed_row",
    message: `The list of tenants, ${table}, stays where it is, and the tenant's row there points to its row of ${parent.table} by ${name}.`,
    fix: `Drop the constraint ${name} and let the application look ${columns.join(", ")} up where the tenant lives; or keep the tenant in the shared schema.`,
  };
}

function fromOutside({ name, schema, table, parent }: ForeignKey): Words {
  return {
    code: "referenced_from_outside",
    message: `Rows of ${schema}.${table}, which does not move, point to the tenant's rows of ${parent.table} by ${name}.`,
    fix: "Make the table part of the tenant's model, or let go of those rows.",
  };
}

/** The model's way from a table to the tenant is empty for rows that are the tenant's by another one. */
function leadsNowhere(
  key: { schema: string; table: string; name: string },
  { name, tenant }: MovingTable,
): MoveProblem {
  const way = tenant.steps[0]?.columns.join(", ") ?? tenant.column;
  return {
    severity: "blocking",
    code: "leads_nowhere",
    subject: `${key.schema}.${name}`,
    message: `By ${key.name}, the tenant's rows of ${key.table} point to rows of ${name} that lead to no tenant: ${way}, by which the model says whose they are, is empty there.`,
    fix: `Set another way from ${name} to the tenant in the model, or make it a shared table there.`,
  };
}

/**
 * Shared tables of which each row belongs to one row of the tenant's, as a document's contents to the document: they are tenants'
 * own in all but name. In another database every tenant's would be copied along, and what becomes of them there would not come back.
 */
export function checkOwned(found: readonly FoundTable[], tenant: MovingTenant): MoveProblem[] {
  const names = found.map(({ name }) => name);
  const others = [tenant.tenantsTable, ...(tenant.usersTable ? [tenant.usersTable] : [])];
  return found.flatMap((table) =>
    table.foreignKeys
      .filter(({ unique, ...key }) => unique && !(key.schema === tenant.place.schema && names.includes(key.table)))
      .filter((key) => !others.some((one) => one.schema === key.schema && one.table === key.table))
      .map((key) => ({
        severity: "blocking" as const,
        code: "owned_reference",
        subject: `${key.schema}.${key.table}`,
        message: `${key.table} counts as shared by all tenants, but by ${key.name} each row of ${table.name} has one of its own there: all tenants' rows would go along to another database, and changes to them would not come back.`,
        fix: `Give ${key.table} the tenant's key or a foreign key to one of its tables and set that in the model; or move the tenant within its database, where ${key.table} stays for all.`,
      })),
  );
}

/** Keys of the tenant that another tenant has by now in the shared tables, and rows of the tenant that are there already. */
export async function checkTaken(
  from: pg.ClientBase,
  to: pg.ClientBase,
  tables: readonly MovingTable[],
  standings: { from: Standing; to: Standing },
): Promise<MoveProblem[]> {
  const problems: MoveProblem[] = [];
  for (const table of tables) {
    const there = await to.query(
      `SELECT FROM ${relation(standings.to.schema, table.name)} AS t WHERE ${belongs(table, standings.to, "t")} LIMIT 1`,
    );
    if ((there.rowCount ?? 0) > 0) {
      problems.push({
        severity: "blocking",
        code: "rows_there",
        subject: table.name,
        message: `${table.name} already holds rows of this tenant in the shared schema.`,
        fix: "Find out whose they are: another move may have left them. Remove them first.",
      });
      continue;
    }
    const taken = await takenKeys(from, to, table, standings);
    if (taken === 0) continue;
    problems.push({
      severity: "blocking",
      code: "ids_taken",
      subject: table.name,
      message: `${taken} keys of ${table.name} belong to other tenants in the shared schema, because each place counted for itself.`,
      fix: "Keep the tenant in a place of its own, or give those rows other keys first.",
    });
  }
  return problems;
}

/** Of the tenant's keys, read in steps, those that the shared table has. */
async function takenKeys(
  from: pg.ClientBase,
  to: pg.ClientBase,
  table: MovingTable,
  standings: { from: Standing; to: Standing },
): Promise<number> {
  const keys = table.keys.map(({ name }) => identifier(name));
  const { rows } = await from.query<{ keys: string[][] | null }>(
    `SELECT ARRAY[${keys.map((key) => `array_agg(${key}::text)`).join(", ")}] AS keys
       FROM (SELECT ${keys.join(", ")} FROM ${relation(standings.from.schema, table.name)} LIMIT 200000) AS t`,
  );
  const columns = rows[0]?.keys;
  if (!columns?.[0]) return 0;
  const arrays = table.keys.map(({ type }, at) => `$${at + 1}::text[]::${type}[]`);
  const found = await to.query<{ count: number }>(
    `SELECT count(*)::int AS count
       FROM unnest(${arrays.join(", ")}) AS k (${keys.map((_, at) => `k${at + 1}`).join(", ")})
       JOIN ${relation(standings.to.schema, table.name)} AS t ON ${keys.map((key, at) => `t.${key} = k.k${at + 1}`).join(" AND ")}`,
    columns,
  );
  return found.rows[0]?.count ?? 0;
}
