import { sql } from "drizzle-orm";
import { boolean, check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { databases } from "./fleet.ts";
import { jobs } from "./jobs.ts";
import { moment, staff } from "./staff.ts";

/**
 * How long rows that are marked as deleted stay, of one table or of one tenant in it. A policy is never changed: a new one replaces
 * it, and only counts rows until two people have switched it on.
 */
export const purgePolicies = pgTable(
  "purge_policies",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    databaseId: uuid("database_id")
      .notNull()
      .references(() => databases.id),
    schema: text("schema").notNull(),
    table: text("table_name").notNull(),
    tenant: text("tenant"),
    /** soft: kept for the grace period; hard: removed at the next run; never: kept until the policy changes. */
    deletion: text("deletion", { enum: ["soft", "hard", "never"] }).notNull(),
    graceDays: integer("grace_days").notNull(),
    reason: text("reason").notNull(),
    setBy: uuid("set_by").references(() => staff.id),
    setAt: moment("set_at").notNull().defaultNow(),
    /** Until then its runs are dry runs. */
    onAt: moment("on_at"),
    onBy: uuid("on_by").references(() => staff.id),
    replacedAt: moment("replaced_at"),
  },
  (table) => [
    uniqueIndex("purge_policies_scope_key")
      .on(table.databaseId, table.schema, table.table, sql`coalesce(${table.tenant}, '')`)
      .where(sql`${table.replacedAt} IS NULL`),
    check("purge_policies_deletion_check", sql`${table.deletion} IN ('soft', 'hard', 'never')`),
    check("purge_policies_grace_check", sql`${table.graceDays} BETWEEN 0 AND 36500`),
  ],
);

/** Rows of one table and tenant that went. */
export interface Removed {
  table: string;
  tenant: string | null;
  rows: number;
}

/** What one run removed, or would remove, of one table and tenant. */
export interface PurgeCount extends Removed {
  /** Rows that are due and stay, because a hold keeps them, or because rows that stay point at them. */
  held: number;
  blocked: number;
}

/** One run over a database: what it removed, or in a dry run would have removed. */
export const purgeRuns = pgTable(
  "purge_runs",
  {
    id: uuid("id").primaryKey(),
    databaseId: uuid("database_id")
      .notNull()
      .references(() => databases.id),
    jobId: uuid("job_id").references(() => jobs.id),
    dry: boolean("dry").notNull(),
    state: text("state", { enum: ["running", "done", "failed"] })
      .notNull()
      .default("running"),
    counts: jsonb("counts").$type<PurgeCount[]>().notNull().default([]),
    removed: integer("removed").notNull().default(0),
    error: text("error"),
    startedAt: moment("started_at").notNull().defaultNow(),
    finishedAt: moment("finished_at"),
  },
  (table) => [
    index("purge_runs_started_at_idx").on(table.databaseId, table.startedAt),
    check("purge_runs_state_check", sql`${table.state} IN ('running', 'done', 'failed')`),
  ],
);

/**
 * Written before a batch is removed, and settled afterwards. The batch's own receipt commits in its database with the removal, so
 * that an attempt whose worker died is settled by asking for it.
 */
export const purgeBatches = pgTable(
  "purge_batches",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    runId: uuid("run_id")
      .notNull()
      .references(() => purgeRuns.id),
    databaseId: uuid("database_id").notNull(),
    schema: text("schema").notNull(),
    table: text("table_name").notNull(),
    /** Rows that were found to be due. */
    planned: integer("planned").notNull(),
    state: text("state", { enum: ["attempted", "confirmed", "void"] })
      .notNull()
      .default("attempted"),
    /** What went, by table: also what hung from the rows and went with them. */
    removed: jsonb("removed").$type<Removed[]>(),
    attemptedAt: moment("attempted_at").notNull().defaultNow(),
    settledAt: moment("settled_at"),
  },
  (table) => [
    index("purge_batches_run_idx").on(table.runId),
    index("purge_batches_open_idx").on(table.attemptedAt).where(sql`${table.state} = 'attempted'`),
    check("purge_batches_state_check", sql`${table.state} IN ('attempted', 'confirmed', 'void')`),
  ],
);
