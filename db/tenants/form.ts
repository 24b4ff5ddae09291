import pg from "pg";
import { type Actor, authorise } from "../actor.ts";
import { controlPool } from "../control.ts";
import { Refusal } from "../errors.ts";
import { withDatabase } from "../fleet.ts";
import type { NamedTable } from "../schema/fleet.ts";
import type { AskedColumn, CreateForm } from "./contract.ts";

/** How a column that nobody fills gets its value. */
type Guess = "name" | "slug" | "database" | "uuid" | "now" | "asked";

export interface TenantColumn extends AskedColumn {
  guess: Guess;
}

interface CatalogColumn {
  name: string;
  type: string;
  kind: string;
  notNull: boolean;
  filled: boolean;
  choices: string[] | null;
  references: string | null;
}

/** What must be asked before a tenant can be created in this database: the columns that the catalog cannot guess. */
export async function readCreateForm(actor: Actor, databaseId: string): Promise<CreateForm> {
  authorise(actor, "tenants.write");
  const { name, table } = await tenantsTableOf(databaseId);
  const asked = await withDatabase(databaseId, async (client) => {
    const columns = (await readTenantColumns(client, table)).filter((column) => column.guess === "asked");
    return await withChoices(client, table, columns);
  });
  return {
    databaseId,
    databaseName: name,
    keyColumn: table.key,
    nameColumn: table.name,
    slugColumn: table.slug,
    asked,
  };
}

/** The adopted databases that list tenants of their own, in which one can be created; a tenant's own database is none. */
export async function listCreatable(actor: Actor): Promise<{ id: string; name: string }[]> {
  authorise(actor, "tenants.write");
  const { rows } = await controlPool().query<{ id: string; name: string }>(
    `SELECT d.id, d.name
       FROM databases d JOIN servers s ON s.id = d.server_id
      WHERE d.adopted_at IS NOT NULL AND d.released_at IS NULL AND s.removed_at IS NULL
        AND d.tenants_table IS NOT NULL AND d.own_tenant_key IS NULL
      ORDER BY d.name, d.id`,
  );
  return rows;
}

/** @throws Refusal `not_found`, or `unsupported` for a database whose tenants table is not known, or that is one tenant's own. */
export async function tenantsTableOf(databaseId: string): Promise<{ name: string; table: NamedTable }> {
  const { rows } = await controlPool().query<{ name: string; table: NamedTable | null; isOwn: boolean }>(
    `SELECT name, tenants_table AS "table", own_tenant_key IS NOT NULL AS "isOwn"
       FROM databases
      WHERE id = $1 AND adopted_at IS NOT NULL AND released_at IS NULL`,
    [databaseId],
  );
  const [database] = rows;
  if (!database)
    throw new Refusal("not_found", "No adopted database has this id.", { fix: "Adopt it under Databases first." });
  if (database.isOwn) {
    throw new Refusal("unsupported", `${database.name} is one tenant's own: it is dropped when that tenant leaves.`, {
      fix: "Create the tenant in the database that lists that one.",
    });
  }
  if (!database.table) {
    throw new Refusal("unsupported", `The model of ${database.name} names no tenants table.`, {
      fix: "Choose the tenants table under Databases.",
    });
  }
  return { name: database.name, table: database.table };
}

/** The columns that an INSERT has to deal with, in the table's order. */
export async function readTenantColumns(client: pg.PoolClient, table: NamedTable): Promise<TenantColumn[]> {
  const { rows } = await client.query<CatalogColumn>(
    `SELECT a.attname AS name,
            format_type(a.atttypid, a.atttypmod) AS type,
            t.typcategory AS kind,
            a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) AS "notNull",
            a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL AS filled,
            (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
               FROM pg_enum e
              WHERE e.enumtypid = coalesce(nullif(t.typbasetype, 0), t.oid)) AS choices,
            (SELECT f.confrelid::regclass::text
               FROM pg_constraint f
              WHERE f.conrelid = a.attrelid AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum]
              LIMIT 1) AS "references"
       FROM pg_attribute a
       JOIN pg_type t ON t.oid = a.atttypid
       JOIN pg_class c ON c.oid = a.attrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2
        AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      ORDER BY a.attnum`,
    [table.schema, table.table],
  );
  if (rows.length === 0) {
    throw new Refusal("conflict", `The table ${table.schema}.${table.table} is no longer there.`, {
      fix: "Plan the adoption again: the schema has changed.",
    });
  }
  return rows.map((column) => describe(column, table));
}

const choicesMax = 50;

/** A column that points to a small table offers that table's keys. */
async function withChoices(client: pg.PoolClient, table: NamedTable, columns: TenantColumn[]): Promise<AskedColumn[]> {
  const asked: AskedColumn[] = [];
  for (const { guess: _, ...column } of columns) {
    const keys = column.choices ? null : await keysBehind(client, table, column.name);
    asked.push(keys ? { ...column, choices: keys } : column);
  }
  return asked;
}

async function keysBehind(client: pg.PoolClient, table: NamedTable, column: string): Promise<string[] | null> {
  const { rows: targets } = await client.query<{ schema: string; table: string; key: string }>(
    `SELECT n.nspname AS schema, t.relname AS "table", k.attname AS key
       FROM pg_constraint f
       JOIN pg_attribute a ON a.attrelid = f.conrelid AND f.conkey = ARRAY[a.attnum]
       JOIN pg_class t ON t.oid = f.confrelid
       JOIN pg_namespace n ON n.oid = t.relnamespace
       JOIN pg_attribute k ON k.attrelid = f.confrelid AND k.attnum = f.confkey[1]
      WHERE f.contype = 'f' AND f.conrelid = format('%I.%I', $1::text, $2::text)::regclass AND a.attname = $3
      LIMIT 1`,
    [table.schema, table.table, column],
  );
  const [target] = targets;
  if (!target) return null;
  const quote = pg.escapeIdentifier;
  const key = `target.${quote(target.key)}`;
  const { rows } = await client.query<{ key: string }>(
    `SELECT ${key}::text AS key
       FROM ${quote(target.schema)}.${quote(target.table)} AS target
      ORDER BY ${key}
      LIMIT ${choicesMax + 1}`,
  );
  return rows.length > choicesMax ? null : rows.map(({ key }) => key);
}

function describe(column: CatalogColumn, table: NamedTable): TenantColumn {
  const { name, type, references } = column;
  const guess = guessOf(column, table);
  const choices = column.choices ?? (column.kind === "B" ? ["true", "false"] : null);
  const required = guess === "asked" || (guess === "slug" && column.notNull && !column.filled);
  return { name, type, required, choices, references, guess };
}

function guessOf(column: CatalogColumn, table: NamedTable): Guess {
  if (column.name === table.name) return "name";
  if (column.name === table.slug) return "slug";
  if (column.filled || !column.notNull) return "database";
  if (column.name === table.key && column.type === "uuid") return "uuid";
  // Prisma and Rails fill these in the application, so that the column has no default of its own.
  if (column.kind === "D" && /^(created|updated|inserted|modified)/i.test(column.name)) return "now";
  return "asked";
}
