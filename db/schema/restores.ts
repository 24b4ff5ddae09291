import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { jobs } from "./jobs.ts";
import { moment } from "./staff.ts";

/**
 * What a restore may start from and what was chosen, under the hash of that; and again under the hash of the plan that it came
 * to, with the parts that the plan rests on, so that a plan that does not hold any more can say what changed.
 */
export const restorePlans = pgTable(
  "restore_plans",
  {
    hash: text("hash").primaryKey(),
    databaseId: uuid("database_id").notNull(),
    input: jsonb("input").$type<Record<string, unknown>>().notNull(),
    /** Null for what was chosen and is not planned yet. */
    parts: jsonb("parts").$type<Record<string, unknown>>(),
    subject: text("subject").notNull(),
    shownAt: moment("shown_at").notNull().defaultNow(),
  },
  (table) => [index("restore_plans_shown_at_idx").on(table.shownAt)],
);

/** One restore: who, when, why, by which plan. Its rows have their receipts in the database that they were restored in. */
export const restores = pgTable(
  "restores",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    planHash: text("plan_hash")
      .notNull()
      .references(() => restorePlans.hash),
    databaseId: uuid("database_id").notNull(),
    what: text("what", { enum: ["restore", "version", "undo"] }).notNull(),
    subject: text("subject").notNull(),
    reason: text("reason"),
    staffId: uuid("staff_id"),
    actorName: text("actor_name").notNull(),
    state: text("state", { enum: ["running", "done", "partial", "failed"] })
      .notNull()
      .default("running"),
    /** Rows to be written, and rows that were. */
    planned: integer("planned").notNull(),
    written: integer("written"),
    /** Of these: exactly as they were; as they were but for what a choice changed; changed by the application's own triggers. */
    exact: integer("exact"),
    chosen: integer("chosen"),
    differing: integer("differing"),
    jobId: uuid("job_id").references(() => jobs.id),
    /** The restore that this one takes back. */
    undoOf: uuid("undo_of"),
    error: text("error"),
    startedAt: moment("started_at").notNull().defaultNow(),
    finishedAt: moment("finished_at"),
  },
  (table) => [
    index("restores_started_at_idx").on(table.startedAt, table.id),
    // One restore of a plan, and one undo of a restore, unless they failed.
    uniqueIndex("restores_undo_of_key").on(table.undoOf).where(sql`${table.state} IN ('running', 'done', 'partial')`),
    check("restores_what_check", sql`${table.what} IN ('restore', 'version', 'undo')`),
    check("restores_state_check", sql`${table.state} IN ('running', 'done', 'partial', 'failed')`),
  ],
);
