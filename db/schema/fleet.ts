import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { moment } from "./staff.ts";

export const servers = pgTable(
  "servers",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    name: text("name").notNull(),
    host: text("host").notNull(),
    port: integer("port").notNull(),
    tlsMode: text("tls_mode", { enum: ["disable", "require", "verify-full"] }).notNull(),
    tlsCertificate: text("tls_certificate"),
    username: text("username").notNull(),
    /** Sealed by `db/secrets`; never leaves the server processes. */
    credential: text("credential").notNull(),
    /** Where the server itself is asked: databases are listed, made and dropped from there. */
    maintenanceDatabase: text("maintenance_database").notNull().default("postgres"),
    /** What an administrator says it can bear, by which tenants are placed: PostgreSQL cannot tell. */
    region: text("region"),
    diskBytes: bigint("disk_bytes", { mode: "number" }),
    /** Statements that it can run at once: about its cores. */
    cores: integer("cores"),
    /** How many tenants may be copied to or from it at the same time. */
    movesAtOnce: integer("moves_at_once").notNull().default(2),
    addedAt: moment("added_at").notNull().defaultNow(),
    removedAt: moment("removed_at"),
  },
  (table) => [
    uniqueIndex("servers_name_key").on(table.name).where(sql`${table.removedAt} IS NULL`),
    check("servers_capacity_check", sql`${table.diskBytes} > 0 AND ${table.cores} > 0`),
    check("servers_moves_at_once_check", sql`${table.movesAtOnce} BETWEEN 1 AND 100`),
    check("servers_tls_mode_check", sql`${table.tlsMode} IN ('disable', 'require', 'verify-full')`),
  ],
);

/** A table that plays a part for the whole database, and which of its columns say what. */
export interface NamedTable {
  schema: string;
  table: string;
  /** The primary key's column. */
  key: string;
  name: string | null;
  slug: string | null;
}

/** A managed database. It is adopted while `adopted_at` is set and `released_at` is not. */
export const databases = pgTable(
  "databases",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    serverId: uuid("server_id")
      .notNull()
      .references(() => servers.id),
    /** Its name on the server. */
    name: text("name").notNull(),
    tenantsTable: jsonb("tenants_table").$type<NamedTable>(),
    usersTable: jsonb("users_table").$type<NamedTable>(),
    /** The role the application connects as; row-level security is proven against it. */
    applicationRole: text("application_role"),
    /** Set when the whole database is one tenant's own (tier database): that tenant's key, and where it is listed. */
    ownTenantKey: text("own_tenant_key"),
    homeDatabaseId: uuid("home_database_id"),
    planHash: text("plan_hash"),
    adoptedAt: moment("adopted_at"),
    adoptedBy: text("adopted_by"),
    releasedAt: moment("released_at"),
    addedAt: moment("added_at").notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex("databases_server_id_name_key").on(table.serverId, table.name).where(sql`${table.releasedAt} IS NULL`),
    check(
      "databases_own_tenant_check",
      sql`(${table.ownTenantKey} IS NULL) = (${table.homeDatabaseId} IS NULL) AND ${table.homeDatabaseId} <> ${table.id}`,
    ),
  ],
);

/** How a soft delete shows in a row. */
export interface SoftDelete {
  column: string;
  /** A timestamp that is set, or a boolean that is true. */
  kind: "timestamp" | "boolean";
}

/** One step from a child table to its parent, through a foreign key. */
export interface PathStep {
  schema: string;
  table: string;
  columns: string[];
  parentColumns: string[];
}

/** What an administrator confirmed about one table of a managed database. */
export const managedTables = pgTable(
  "managed_tables",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    databaseId: uuid("database_id")
      .notNull()
      .references(() => databases.id),
    schema: text("schema").notNull(),
    name: text("name").notNull(),
    class: text("class", { enum: ["tenant", "child", "reference", "ignored"] }).notNull(),
    /** Why it was classified so, in one sentence. */
    reason: text("reason").notNull(),
    /** class tenant: the column that holds the tenant's key. */
    tenantColumn: text("tenant_column"),
    /** class child: the way to a table with the tenant column, nearest parent first. */
    tenantPath: jsonb("tenant_path").$type<PathStep[]>().notNull().default([]),
    /** A table that holds one tenant only, in its own schema or database: that tenant's key. */
    tenantConstant: text("tenant_constant"),
    primaryKey: text("primary_key").array().notNull(),
    softDelete: jsonb("soft_delete").$type<SoftDelete>(),
    audited: boolean("audited").notNull(),
    maskedColumns: text("masked_columns").array().notNull(),
    ignoredColumns: text("ignored_columns").array().notNull(),
    rowSecurity: boolean("row_security").notNull().default(false),
    /** Whether a view of its live rows is kept in step with it. */
    activeView: boolean("active_view").notNull().default(false),
    /** Whether rows that the application removes are kept in an archive, for as many days. */
    archive: boolean("archive").notNull().default(false),
    /** Days a deleted row is kept before purge, as a policy that is set proposes it. */
    graceDays: integer("grace_days").notNull().default(30),
    confirmedAt: moment("confirmed_at").notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex("managed_tables_key").on(table.databaseId, table.schema, table.name),
    index("managed_tables_class_idx").on(table.databaseId, table.class),
    check("managed_tables_class_check", sql`${table.class} IN ('tenant', 'child', 'reference', 'ignored')`),
    check("managed_tables_grace_days_check", sql`${table.graceDays} > 0`),
  ],
);

/** What somebody said that a column holds. A secret is masked by the model as well; a personal value can be erased on demand. */
export const columnClasses = pgTable(
  "column_classes",
  {
    databaseId: uuid("database_id")
      .notNull()
      .references(() => databases.id),
    schema: text("schema").notNull(),
    table: text("table_name").notNull(),
    column: text("column_name").notNull(),
    class: text("class", { enum: ["plain", "personal", "secret"] }).notNull(),
    setBy: text("set_by").notNull(),
    setAt: moment("set_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.databaseId, table.schema, table.table, table.column] }),
    check("column_classes_class_check", sql`${table.class} IN ('plain', 'personal', 'secret')`),
  ],
);
