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
import { databases } from "./fleet.ts";
import { jobs } from "./jobs.ts";
import { moment, staff } from "./staff.ts";

/** One reading of a database's counters, as read; rates are differences between two. */
export const healthSamples = pgTable(
  "health_samples",
  {
    id: bigint("id", { mode: "bigint" }).primaryKey().generatedAlwaysAsIdentity(),
    /** A managed database's id, or "console" for the control database itself. */
    databaseId: text("database_id").notNull(),
    sampledAt: moment("sampled_at").notNull().defaultNow(),
    readings: jsonb("readings").$type<Record<string, string | number | null>>().notNull(),
  },
  (table) => [index("health_samples_idx").on(table.databaseId, table.sampledAt)],
);

/**
 * What our own samples saw of each index. PostgreSQL keeps neither an index's age nor, before version 16, the time of its
 * last scan, and a reset of the statistics makes every index look unused; only watching tells.
 */
export const watchedIndexes = pgTable(
  "watched_indexes",
  {
    databaseId: text("database_id").notNull(),
    /** pg_class.oid, as text. */
    indexOid: text("index_oid").notNull(),
    scans: bigint("scans", { mode: "bigint" }).notNull(),
    firstSeenAt: moment("first_seen_at").notNull().defaultNow(),
    lastSeenAt: moment("last_seen_at").notNull().defaultNow(),
    /** When a sample last found the counter moved; null when it never did. */
    lastUsedAt: moment("last_used_at"),
  },
  (table) => [primaryKey({ columns: [table.databaseId, table.indexOid] })],
);

/** PostgreSQL's own counts of removed rows as they were last read, and which tables were then not recorded. */
export const watchedDeletes = pgTable("watched_deletes", {
  databaseId: uuid("database_id")
    .primaryKey()
    .references(() => databases.id),
  seenAt: moment("seen_at").notNull(),
  /** As the server printed it: counts of another beginning are not compared. */
  statsReset: text("stats_reset"),
  /** By pg_class.oid; without tables of which nothing was ever removed. */
  counts: jsonb("counts").$type<Record<string, string>>().notNull(),
  unrecorded: text("unrecorded").array().notNull(),
});

/** Rows that went from a table while nobody recorded it, as far as PostgreSQL counted them: at most one row a table and day. */
export const unrecordedDeletions = pgTable(
  "unrecorded_deletions",
  {
    id: bigint("id", { mode: "bigint" }).primaryKey().generatedAlwaysAsIdentity(),
    databaseId: uuid("database_id")
      .notNull()
      .references(() => databases.id),
    schema: text("schema").notNull(),
    table: text("table_name").notNull(),
    rows: bigint("rows", { mode: "bigint" }).notNull(),
    /** Whether the counts began anew in between, so that more rows may have gone. */
    beganAnew: boolean("began_anew").notNull(),
    /** Null where nobody knows since when PostgreSQL counts. */
    since: moment("since"),
    until: moment("until").notNull(),
  },
  (table) => [
    index("unrecorded_deletions_until_idx").on(table.until, table.id),
    index("unrecorded_deletions_table_idx").on(table.databaseId, table.schema, table.table, table.until),
  ],
);

/** One dump of a database. It keeps the database's name, since it outlives the database's management. */
export const backups = pgTable(
  "backups",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** A managed database's id, or "console" for the control database itself. */
    databaseId: text("database_id").notNull(),
    databaseName: text("database_name").notNull(),
    jobId: uuid("job_id").references(() => jobs.id),
    state: text("state", { enum: ["running", "good", "failed", "damaged", "missing", "expired"] }).notNull(),
    /** Names of the dump and of the roles beside it, in the data folder's `backups`. */
    file: text("file").notNull(),
    globalsFile: text("globals_file"),
    /** Why there are no roles beside the dump. */
    globalsNote: text("globals_note"),
    bytes: bigint("bytes", { mode: "bigint" }),
    sha256: text("sha256"),
    /** Objects in the dump's table of contents, and how many of them hold a table's rows. */
    objects: integer("objects"),
    tables: integer("tables"),
    /** pg_dump's version and the server's, as both print them. */
    toolVersion: text("tool_version"),
    serverVersion: text("server_version"),
    error: text("error"),
    startedAt: moment("started_at").notNull().defaultNow(),
    finishedAt: moment("finished_at"),
    verifiedAt: moment("verified_at"),
    /** When its file was removed because its time was over. */
    expiredAt: moment("expired_at"),
  },
  (table) => [
    index("backups_database_id_idx").on(table.databaseId, table.startedAt),
    check("backups_state_check", sql`${table.state} IN ('running', 'good', 'failed', 'damaged', 'missing', 'expired')`),
    check("backups_good_check", sql`${table.state} <> 'good' OR ${table.sha256} IS NOT NULL`),
  ],
);

/** How long backups of a database are kept. Rules are never changed: a new one replaces the one before. Without one they have no end. */
export const backupRetentions = pgTable(
  "backup_retentions",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** A managed database's id, or "console". */
    databaseId: text("database_id").notNull(),
    /** Null: until somebody removes the file by hand. */
    keepDays: integer("keep_days"),
    reason: text("reason").notNull(),
    setBy: uuid("set_by").references(() => staff.id),
    setAt: moment("set_at").notNull().defaultNow(),
    replacedAt: moment("replaced_at"),
  },
  (table) => [
    uniqueIndex("backup_retentions_key").on(table.databaseId).where(sql`${table.replacedAt} IS NULL`),
    check("backup_retentions_keep_check", sql`${table.keepDays} BETWEEN 1 AND 3650`),
  ],
);

/** SQL: when the time of a backup `b` is over; null when it has no end. */
export const backupEnd = `(SELECT b.started_at + make_interval(days => r.keep_days) FROM backup_retentions AS r
  WHERE r.database_id = b.database_id AND r.replaced_at IS NULL)`;

/** SQL: whether the database of a backup `b` is in the fleet. */
export const isInFleet = `(b.database_id = 'console' OR EXISTS (SELECT FROM databases AS d JOIN servers AS s ON s.id = d.server_id
  WHERE d.id::text = b.database_id AND d.released_at IS NULL AND s.removed_at IS NULL))`;

/** SQL: whether `b` is of a living database of which no newer good backup is there, so that it stays whatever its time. */
export const isNewestBackup = `(NOT EXISTS (SELECT FROM backups AS newer
  WHERE newer.database_id = b.database_id AND newer.state = 'good' AND newer.started_at > b.started_at) AND ${isInFleet})`;
