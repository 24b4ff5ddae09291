import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
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
    /** Half the width of the 95 % interval over the estimate; null where it is unknown. */
    sizeError: real("size_error"),
    /** Bytes a day, over the last thirty days or as long as it was measured. */
    growthBytes: bigint("growth_bytes", { mode: "bigint" }),
    /** Recorded writes in the day before `rated_at`, their share of the database's, and the last of them. */
    writes: bigint("writes", { mode: "bigint" }),
    writeShare: real("write_share"),
    lastActiveAt: moment("last_active_at"),
    ratedAt: moment("rated_at"),
    /** Where it should live, since when that has been so, and why; null where it lives right. */
    advisedTier: text("advised_tier", { enum: ["shared", "schema", "database"] }),
    advisedSince: moment("advised_since"),
    adviceReason: text("advice_reason"),
    /** What the contract says: where the data must stay, and whether it shares with nobody. */
    residency: text("residency"),
    dedicated: boolean("dedicated").notNull().default(false),
    notes: text("notes").notNull().default(""),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex("tenants_key").on(table.homeDatabaseId, table.key),
    index("tenants_any_key_idx").on(table.key),
    index("tenants_name_idx").on(sql`lower(${table.name})`, table.id),
    // Never sized sorts below empty, so that one row-value comparison pages through both directions.
    index("tenants_size_idx").on(sql`coalesce(${table.sizeBytes}, -1)`, table.id),
    index("tenants_growth_idx").on(sql`coalesce(${table.growthBytes}, -9000000000000000000)`, table.id),
    index("tenants_writes_idx").on(sql`coalesce(${table.writes}, -1)`, table.id),
    index("tenants_last_active_idx").on(sql`coalesce(${table.lastActiveAt}, '-infinity')`, table.id),
    index("tenants_advised_idx").on(table.advisedSince, table.id).where(sql`${table.advisedTier} IS NOT NULL`),
    index("tenants_status_idx").on(table.status, table.id).where(sql`${table.status} <> 'active'`),
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
    index("placements_apart_idx")
      .on(table.tier, table.tenantId)
      .where(sql`${table.state} = 'open' AND ${table.tier} <> 'shared'`),
    check("placements_tier_check", sql`${table.tier} IN ('shared', 'schema', 'database')`),
    check("placements_state_check", sql`${table.state} IN ('importing', 'open', 'fenced', 'moved', 'dropped')`),
  ],
);

/** What a tenant held on a day on which that had changed, whole and by table. */
export const tenantSizeDays = pgTable(
  "tenant_size_days",
  {
    tenantId: uuid("tenant_id")
      .notNull()
      .references(() => tenants.id),
    day: date("day", { mode: "string" }).notNull(),
    bytes: bigint("bytes", { mode: "bigint" }).notNull(),
    /** Bytes of its largest tables, by "schema.table". */
    tables: jsonb("tables").$type<Record<string, number>>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.day] })],
);

/** When a tenant of a database should live elsewhere; without a row the defaults hold. */
export const adviceRules = pgTable("advice_rules", {
  databaseId: uuid("database_id")
    .primaryKey()
    .references(() => databases.id),
  sharedBytesMax: bigint("shared_bytes_max", { mode: "number" }).notNull(),
  schemaBytesMax: bigint("schema_bytes_max", { mode: "number" }).notNull(),
  writeShareMax: real("write_share_max").notNull(),
  days: integer("days").notNull(),
  setBy: text("set_by").notNull(),
  setAt: moment("set_at").notNull().defaultNow(),
});

/** What a tenant's own copy, export or end left behind: a file with its checksum, or a certificate. */
export const tenantPapers = pgTable(
  "tenant_papers",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    tenantId: uuid("tenant_id")
      .notNull()
      .references(() => tenants.id),
    kind: text("kind", { enum: ["export", "archive", "certificate"] }).notNull(),
    /** The object's name in the store; null for a certificate, which is the row itself. */
    object: text("object"),
    bytes: bigint("bytes", { mode: "bigint" }),
    sha256: text("sha256"),
    rows: bigint("rows", { mode: "bigint" }),
    /** Rows by "schema.table", how it was proven, and what else is known. */
    facts: jsonb("facts").$type<Record<string, unknown>>().notNull(),
    madeBy: text("made_by").notNull(),
    madeAt: moment("made_at").notNull().defaultNow(),
  },
  (table) => [
    index("tenant_papers_tenant_idx").on(table.tenantId, table.madeAt),
    check("tenant_papers_kind_check", sql`${table.kind} IN ('export', 'archive', 'certificate')`),
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
