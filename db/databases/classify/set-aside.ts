import type { CatalogTable } from "../catalog.ts";
import { squeezed } from "./words.ts";

const migrations = new Set([
  ...[
    "schemamigrations",
    "prismamigrations",
    "arinternalmetadata",
    "djangomigrations",
    "drizzlemigrations",
    "knexmigrations",
  ],
  ...["knexmigrationslock", "flywayschemahistory", "databasechangelog", "databasechangeloglock", "alembicversion"],
  ...[
    "goosedbversion",
    "migrations",
    "typeormmetadata",
    "sequelizemeta",
    "pgmigrations",
    "kyselymigration",
    "kyselymigrationlock",
  ],
]);
const queueSchemas = new Set(["pgboss", "graphileworker", "cron", "drizzle", "hdbcatalog", "realtime", "partman"]);

/** Why a table is better left alone, in one sentence; null for the application's own data. */
export function setAsideBecause(table: CatalogTable): string | null {
  if (table.kind === "foreign")
    return "It is a foreign table: its rows live elsewhere and triggers cannot prove what happened there.";
  if (migrations.has(squeezed(table.name))) return "A migration tool keeps its own notes in it.";
  if (queueSchemas.has(squeezed(table.schema)))
    return `The schema ${table.schema} belongs to a tool, not to the application.`;
  if (table.unlogged) return "It is unlogged: PostgreSQL empties it after a crash, so it holds nothing that must last.";
  return null;
}
