import { sql } from "drizzle-orm";
import { bigint, check, index, pgTable, primaryKey, real, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { databases } from "./fleet.ts";
import { moment } from "./staff.ts";

/** A tenant of a managed application. `key` is its tenant key's canonical text, the same in every tier. */
export const tenants = pgTable(
  "tenants",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** The adopted database whose tenants table lists it. */
    homeDatabaseId: uuid("home_database_id")
      .notNull()
      .references(() => databases.id),
    key: text("key").notNull(),
    slug: text("slug"),
    name: text("name").notNull(),
    status: text("status", { enum: ["active", "suspended", "archived"] })
      .notNull()
      .default("active"),
    statusReason: text("status_reason"),
    statusChangedAt: moment("status_changed_at").notNull().defaultNow(),
    /** Estimated bytes of its rows, and when they were sampled. */
    sizeBytes: bigint("size_bytes", { mode: "bigint" }),
    sizedAt: moment("sized_at"),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex("tenants_key").on(table.homeDatabaseId, table.key),
    index("tenants_name_idx").on(sql`lower(${table.name})`, table.id),
    // Never sized sorts below empty, so that one row-value comparison pages through both directions.
    index("tenants_size_idx").on(sql`coalesce(${table.sizeBytes}, -1)`, table.id),
    index("tenants_created_at_idx").on(table.createdAt, table.id),
    check("tenants_status_check", sql`${table.status} IN ('active', 'suspended', 'archived')`),
  ],
);

/** Where a tenant lives or lived. At most one placement of a tenant accepts writes. */
export const placements = pgTable(
  "placements",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    tenantId: uuid("tenant_id")
      .notNull()
      .references(() => tenants.id),
    tier: text("tier", { enum: ["shared", "schema", "database"] }).notNull(),
    databaseId: uuid("database_id")
      .notNull()
      .references(() => databases.id),
    schema: text("schema").notNull(),
    state: text("state", { enum: ["importing", "open", "fenced", "moved", "dropped"] }).notNull(),
    openedAt: moment("opened_at").notNull().defaultNow(),
    closedAt: moment("closed_at"),
  },
  (table) => [
    uniqueIndex("placements_open_key").on(table.tenantId).where(sql`${table.state} = 'open'`),
    index("placements_database_id_idx").on(table.databaseId),
    check("placements_tier_check", sql`${table.tier} IN ('shared', 'schema', 'database')`),
    check("placements_state_check", sql`${table.state} IN ('importing', 'open', 'fenced', 'moved', 'dropped')`),
  ],
);

/** What one table held for one tenant when it was last measured. */
export const tenantTableSizes = pgTable(
  "tenant_table_sizes",
  {
    tenantId: uuid("tenant_id")
      .notNull()
      .references(() => tenants.id),
    schema: text("schema").notNull(),
    name: text("name").notNull(),
    rows: bigint("rows", { mode: "bigint" }),
    bytes: bigint("bytes", { mode: "bigint" }).notNull(),
    /** exact: every page was read; sample: some pages; pages: the catalog's page counts of the tenant's own tables. */
    method: text("method", { enum: ["exact", "sample", "pages"] }).notNull(),
    /** Half the width of the 95 % interval over the estimate; null where it is unknown. */
    errorRatio: real("error_ratio"),
    sizedAt: moment("sized_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.schema, table.name] }),
    check("tenant_table_sizes_method_check", sql`${table.method} IN ('exact', 'sample', 'pages')`),
  ],
);
