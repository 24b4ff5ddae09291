import { sql } from "drizzle-orm";
import { bigint, check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { jobs } from "./jobs.ts";
import { moment, staff } from "./staff.ts";

/**
 * How long entries are kept: for a whole database, or for one table, one tenant or both in it. Rules are never changed: a new
 * one replaces the one before, so that it stays known what held when.
 */
export const retentionRules = pgTable(
  "retention_rules",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** A managed database's id, or "console". */
    databaseId: text("database_id").notNull(),
    schema: text("schema"),
    table: text("table"),
    /** The tenant key as the application writes it. */
    tenant: text("tenant"),
    keepMonths: integer("keep_months").notNull(),
    /** Months in PostgreSQL before a month is archived; null: never archived. Only for a whole database. */
    hotMonths: integer("hot_months"),
    reason: text("reason").notNull(),
    setBy: uuid("set_by").references(() => staff.id),
    setAt: moment("set_at").notNull().defaultNow(),
    replacedAt: moment("replaced_at"),
  },
  (table) => [
    uniqueIndex("retention_rules_scope_key")
      .on(
        table.databaseId,
        sql`coalesce(${table.schema}, '')`,
        sql`coalesce(${table.table}, '')`,
        sql`coalesce(${table.tenant}, '')`,
      )
      .where(sql`${table.replacedAt} IS NULL`),
    check("retention_rules_keep_check", sql`${table.keepMonths} BETWEEN 12 AND 84`),
    check("retention_rules_hot_check", sql`${table.hotMonths} BETWEEN 1 AND 84`),
    check(
      "retention_rules_scope_check",
      sql`(${table.schema} IS NULL) = (${table.table} IS NULL)
          AND (${table.hotMonths} IS NULL OR (${table.table} IS NULL AND ${table.tenant} IS NULL))`,
    ),
  ],
);

/** What the parts of a hold on values come to in one database: rows of a table that hold these values. */
export interface HoldRuleRow {
  schema: string | null;
  table: string | null;
  tenant: string | null;
  record: string | null;
  values: Record<string, string>;
}

/**
 * Rows and entries that nothing may remove while this stands. Every part that is null means "any"; of a hold on a person or on
 * values, `rules` says what it came to when it was placed; on a person, they grow with what points at them later.
 */
export const legalHolds = pgTable(
  "legal_holds",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    name: text("name").notNull(),
    kind: text("kind", { enum: ["everything", "table", "tenant", "record", "person", "filter"] })
      .notNull()
      .default("everything"),
    databaseId: text("database_id"),
    schema: text("schema"),
    table: text("table"),
    tenant: text("tenant"),
    record: text("record"),
    /** The key of a person in the table of users. */
    person: text("person"),
    rules: jsonb("rules").$type<HoldRuleRow[]>(),
    reason: text("reason").notNull(),
    placedBy: uuid("placed_by").references(() => staff.id),
    placedAt: moment("placed_at").notNull().defaultNow(),
    releasedBy: uuid("released_by").references(() => staff.id),
    releasedAt: moment("released_at"),
    releaseReason: text("release_reason"),
  },
  (table) => [
    uniqueIndex("legal_holds_name_key").on(table.name).where(sql`${table.releasedAt} IS NULL`),
    check(
      "legal_holds_kind_check",
      sql`${table.kind} IN ('everything', 'table', 'tenant', 'record', 'person', 'filter')
          AND (${table.kind} IN ('person', 'filter')) = (${table.rules} IS NOT NULL)`,
    ),
  ],
);

/**
 * One month of one database's log as it was stored outside of PostgreSQL, verified by reading it back. The month is cold when
 * its partition is not attached; `state` says how far it came. At most one row a month is neither replaced nor expired.
 */
export const auditArchives = pgTable(
  "audit_archives",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    databaseId: text("database_id").notNull(),
    /** Outlives the database's management. */
    databaseName: text("database_name").notNull(),
    /** "2026-03", in UTC. */
    month: text("month").notNull(),
    state: text("state", { enum: ["stored", "cold", "hot", "replaced", "expired"] }).notNull(),
    /** Where the file and its manifest lie in the object store. */
    place: text("place").notNull(),
    key: text("key").notNull(),
    manifestKey: text("manifest_key").notNull(),
    manifest: jsonb("manifest").$type<Record<string, unknown>>().notNull(),
    rows: bigint("rows", { mode: "bigint" }).notNull(),
    bytes: bigint("bytes", { mode: "bigint" }).notNull(),
    sha256: text("sha256").notNull(),
    /** SHA-256 of the entries as PostgreSQL prints them, by which file and partition are compared. */
    contentSha256: text("content_sha256").notNull(),
    jobId: uuid("job_id").references(() => jobs.id),
    storedAt: moment("stored_at").notNull().defaultNow(),
    verifiedAt: moment("verified_at").notNull().defaultNow(),
    /** When the partition was dropped. */
    coldAt: moment("cold_at"),
    /** A month that was brought back is not archived again before. */
    hotUntil: moment("hot_until"),
    endedAt: moment("ended_at"),
    endedWhy: text("ended_why"),
  },
  (table) => [
    uniqueIndex("audit_archives_month_key")
      .on(table.databaseId, table.month)
      .where(sql`${table.state} IN ('stored', 'cold', 'hot')`),
    index("audit_archives_idx").on(table.databaseId, table.month),
    check("audit_archives_state_check", sql`${table.state} IN ('stored', 'cold', 'hot', 'replaced', 'expired')`),
    check("audit_archives_month_check", sql`${table.month} ~ '^\\d{4}-(0[1-9]|1[0-2])$'`),
  ],
);
