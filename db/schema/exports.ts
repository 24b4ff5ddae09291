import { sql } from "drizzle-orm";
import { bigint, check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { jobs } from "./jobs.ts";
import { moment } from "./staff.ts";

/** One export of the audit log. Its job has the same id. It stays when its files are gone: who took what is evidence itself. */
export const auditExports = pgTable(
  "audit_exports",
  {
    id: uuid("id")
      .primaryKey()
      .references(() => jobs.id),
    /** How its job stands says more while it is "running". */
    state: text("state", { enum: ["running", "ready", "expired"] })
      .notNull()
      .default("running"),
    format: text("format", { enum: ["csv", "ndjson", "ocsf", "parquet"] }).notNull(),
    columns: text("columns").array().notNull(),
    /** The time zone that CSV prints in. */
    zone: text("zone").notNull(),
    /** The filter, as the search params of the audit page. */
    query: text("query").notNull(),
    keepDays: integer("keep_days").notNull(),
    /** Rows, as PostgreSQL's planner guessed when it was asked for, with all of the archived months that can hold any. */
    estimate: bigint("estimate", { mode: "bigint" }).notNull(),
    staffId: uuid("staff_id"),
    actorName: text("actor_name").notNull(),
    requestedAt: moment("requested_at").notNull().defaultNow(),
    /** Keys of both files in the object store. */
    file: text("file"),
    manifestFile: text("manifest_file"),
    rows: bigint("rows", { mode: "bigint" }),
    bytes: bigint("bytes", { mode: "bigint" }),
    sha256: text("sha256"),
    manifest: jsonb("manifest").$type<Record<string, unknown>>(),
    readyAt: moment("ready_at"),
    expiresAt: moment("expires_at"),
  },
  (table) => [
    index("audit_exports_requested_at_idx").on(table.requestedAt, table.id),
    check("audit_exports_state_check", sql`${table.state} IN ('running', 'ready', 'expired')`),
    check(
      "audit_exports_ready_check",
      sql`${table.state} <> 'ready' OR (${table.file} IS NOT NULL AND ${table.sha256} IS NOT NULL)`,
    ),
    check("audit_exports_keep_check", sql`${table.keepDays} BETWEEN 1 AND 90`),
  ],
);

/** A link that downloads one export without an account, until it expires. Only its hash is kept. */
export const auditExportLinks = pgTable(
  "audit_export_links",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    exportId: uuid("export_id")
      .notNull()
      .references(() => auditExports.id),
    tokenHash: text("token_hash").notNull().unique(),
    /** For whom or what it was made. */
    note: text("note").notNull(),
    issuedBy: text("issued_by").notNull(),
    issuedAt: moment("issued_at").notNull().defaultNow(),
    expiresAt: moment("expires_at").notNull(),
    revokedAt: moment("revoked_at"),
  },
  (table) => [index("audit_export_links_export_id_idx").on(table.exportId)],
);

/** Where a stream delivers to. Secrets are not among it. */
export type StreamTarget =
  /** `headers`: the names of those that are sent beside ours; their values are sealed with the secret. */
  | { kind: "webhook"; url: string; headers?: string[] }
  | { kind: "syslog"; host: string; port: number; tls: boolean }
  | { kind: "s3"; bucket: string; prefix: string; region: string; endpoint?: string; accessKeyId: string };

/** Entries sent on as they are committed. */
export const auditStreams = pgTable(
  "audit_streams",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    name: text("name").notNull(),
    target: jsonb("target").$type<StreamTarget>().notNull(),
    /** The webhook's signing secret or the bucket's secret key, sealed by `db/secrets`; syslog has none. */
    secret: text("secret"),
    format: text("format", { enum: ["ndjson", "ocsf"] }).notNull(),
    /** The filter, as the search params of the audit page. */
    query: text("query").notNull(),
    /** Counts its changes: what was begun by the settings before moves no cursor, and nobody changes what they have not seen. */
    revision: integer("revision").notNull().default(1),
    createdBy: text("created_by").notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
    pausedAt: moment("paused_at"),
    removedAt: moment("removed_at"),
  },
  (table) => [
    index("audit_streams_created_at_idx").on(table.createdAt),
    check("audit_streams_format_check", sql`${table.format} IN ('ndjson', 'ocsf')`),
  ],
);

/** How far one database's entries were delivered to one stream. */
export const auditStreamCursors = pgTable(
  "audit_stream_cursors",
  {
    streamId: uuid("stream_id")
      .notNull()
      .references(() => auditStreams.id),
    /** A managed database's id, or "console". */
    databaseId: text("database_id").notNull(),
    /** Everything of earlier transactions is delivered; of this one, the entries up to `entryId`. */
    transactionId: text("transaction_id").notNull(),
    entryId: text("entry_id").notNull(),
    delivered: bigint("delivered", { mode: "bigint" }).notNull().default(sql`0`),
    deliveredAt: moment("delivered_at"),
    /** When the oldest entry that waits was written; null when none waited at the last look. */
    behindSince: moment("behind_since"),
    checkedAt: moment("checked_at"),
    /** Failures in a row, and when the next try is due. */
    failures: integer("failures").notNull().default(0),
    nextTryAt: moment("next_try_at").notNull().defaultNow(),
    error: text("error"),
    /** The worker that delivers now. */
    leaseUntil: moment("lease_until"),
  },
  (table) => [primaryKey({ columns: [table.streamId, table.databaseId] })],
);
