import { sql } from "drizzle-orm";
import { boolean, check, index, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { moment, staff } from "./staff.ts";

/** A rule that an administrator set: its scope is the fleet, or one database, table or tenant. */
export const policies = pgTable(
  "policies",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    kind: text("kind").notNull(),
    scope: text("scope").notNull(),
    settings: jsonb("settings").$type<Record<string, unknown>>().notNull(),
    setBy: uuid("set_by").references(() => staff.id),
    setAt: moment("set_at").notNull().defaultNow(),
  },
  (table) => [uniqueIndex("policies_kind_scope_key").on(table.kind, table.scope)],
);

/** A named list view: the area and the query string that reproduces it. Built-in views live in code. */
export const savedViews = pgTable(
  "saved_views",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    area: text("area").notNull(),
    name: text("name").notNull(),
    query: text("query").notNull(),
    ownerId: uuid("owner_id")
      .notNull()
      .references(() => staff.id),
    shared: boolean("shared").notNull().default(false),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [uniqueIndex("saved_views_key").on(table.ownerId, table.area, table.name)],
);

/**
 * A proposal for a dangerous act, bound to the hash of the plan that was shown, and its approval by a second person.
 * Valid one hour, used once. The rules are constraints here and a trigger in the migration, not only code.
 */
export const approvals = pgTable(
  "approvals",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    verb: text("verb").notNull(),
    /** What the act is about, for people. */
    subject: text("subject").notNull(),
    planHash: text("plan_hash").notNull(),
    reason: text("reason").notNull(),
    proposedBy: uuid("proposed_by")
      .notNull()
      .references(() => staff.id),
    proposedAt: moment("proposed_at").notNull().defaultNow(),
    expiresAt: moment("expires_at").notNull().default(sql`now() + interval '1 hour'`),
    approvedBy: uuid("approved_by").references(() => staff.id),
    approvedAt: moment("approved_at"),
    declinedBy: uuid("declined_by").references(() => staff.id),
    declinedAt: moment("declined_at"),
    usedBy: uuid("used_by").references(() => staff.id),
    usedAt: moment("used_at"),
  },
  (table) => [
    index("approvals_plan_idx").on(table.verb, table.planHash),
    check("approvals_second_person_check", sql`${table.approvedBy} <> ${table.proposedBy}`),
    check("approvals_approved_check", sql`(${table.approvedBy} IS NULL) = (${table.approvedAt} IS NULL)`),
    check("approvals_used_check", sql`${table.usedAt} IS NULL OR ${table.approvedAt} IS NOT NULL`),
    check("approvals_once_check", sql`${table.approvedAt} IS NULL OR ${table.declinedAt} IS NULL`),
    check("approvals_reason_check", sql`length(btrim(${table.reason})) > 0`),
    check("approvals_expiry_check", sql`${table.expiresAt} <= ${table.proposedAt} + interval '1 hour'`),
  ],
);
