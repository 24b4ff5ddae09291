import type pg from "pg";
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
  const columns = await withDatabase(databaseId, (client) => readTenantColumns(client, table));
  return {
    databaseId,
    databaseName: name,
    keyColumn: table.key,
    nameColumn: table.name,
    slugColumn: table.slug,
    asked: columns.filter((column) => column.guess === "asked").map(({ guess: _, ...column }) => column),
  };
}

/** @throws Refusal `not_found`, or `unsupported` for a database whose tenants table is not known. */
export async function tenantsTableOf(databaseId: string): Promise<{ name: string; table: NamedTable }> {
  const { rows } = await controlPool().query<{ name: string; table: NamedTable | null }>(
    `SELECT name, tenants_table AS "table"
       FROM databases
      WHERE id = $1 AND adopted_at IS NOT NULL AND released_at IS NULL`,
    [databaseId],
  );
  const [database] = rows;
  if (!database)
    throw new Refusal("not_found", "No adopted database has this id.", { fix: "Adopt it under Databases first." });
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
