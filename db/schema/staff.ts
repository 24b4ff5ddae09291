import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, text, timestamp, uniqueIndex, uuid } from "drizzle-orm/pg-core";

export const moment = (name: string) => timestamp(name, { withTimezone: true, mode: "string" });

export const staff = pgTable(
  "staff",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    email: text("email").notNull(),
    name: text("name").notNull(),
    role: text("role", { enum: ["administrator", "support", "compliance"] }).notNull(),
    passwordHash: text("password_hash").notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
    disabledAt: moment("disabled_at"),
    disabledBy: uuid("disabled_by"),
  },
  (table) => [
    uniqueIndex("staff_email_key").on(sql`lower(${table.email})`),
    check("staff_role_check", sql`${table.role} IN ('administrator', 'support', 'compliance')`),
  ],
);

/** One signed-in browser. `role` is the role it was given for: when the person's role changes the session ends. */
export const sessions = pgTable(
  "sessions",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    staffId: uuid("staff_id")
      .notNull()
      .references(() => staff.id),
    tokenHash: text("token_hash").notNull().unique(),
    role: text("role", { enum: ["administrator", "support", "compliance"] }).notNull(),
    ip: text("ip"),
    userAgent: text("user_agent"),
    createdAt: moment("created_at").notNull().defaultNow(),
    lastSeenAt: moment("last_seen_at").notNull().defaultNow(),
    expiresAt: moment("expires_at").notNull(),
    reauthenticatedAt: moment("reauthenticated_at"),
    revokedAt: moment("revoked_at"),
    revokedBy: uuid("revoked_by"),
  },
  (table) => [index("sessions_staff_id_idx").on(table.staffId)],
);

/** A link that lets one person join, or set a new password, once. Those that were made on the server have no inviter; the setup link has no address. */
export const invitations = pgTable("invitations", {
  id: uuid("id").primaryKey().defaultRandom(),
  email: text("email"),
  role: text("role", { enum: ["administrator", "support", "compliance"] }).notNull(),
  tokenHash: text("token_hash").notNull().unique(),
  invitedBy: uuid("invited_by").references(() => staff.id),
  createdAt: moment("created_at").notNull().defaultNow(),
  expiresAt: moment("expires_at").notNull(),
  acceptedAt: moment("accepted_at"),
  acceptedBy: uuid("accepted_by").references(() => staff.id),
  revokedAt: moment("revoked_at"),
});

/** A staff member's key for the command line and scripts: a subset of their role, hashed at rest. */
export const apiTokens = pgTable(
  "api_tokens",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    staffId: uuid("staff_id")
      .notNull()
      .references(() => staff.id),
    name: text("name").notNull(),
    tokenHash: text("token_hash").notNull().unique(),
    capabilities: text("capabilities").array().notNull(),
    /** The one managed database that it may report events to; null for any. */
    databaseId: uuid("database_id"),
    createdAt: moment("created_at").notNull().defaultNow(),
    expiresAt: moment("expires_at").notNull(),
    lastUsedAt: moment("last_used_at"),
    revokedAt: moment("revoked_at"),
  },
  (table) => [index("api_tokens_staff_id_idx").on(table.staffId)],
);

/** Failed sign-ins per account and per address, in windows. Keys are hashes: the table names nobody. */
export const signInAttempts = pgTable("sign_in_attempts", {
  key: text("key").primaryKey(),
  failures: integer("failures").notNull(),
  windowStartedAt: moment("window_started_at").notNull().defaultNow(),
  /** Until then no attempt of this key is looked at. */
  retryAt: moment("retry_at").notNull().defaultNow(),
});
