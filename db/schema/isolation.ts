import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { databases } from "./fleet.ts";
import { moment, staff } from "./staff.ts";

interface StoredAttempt {
  verb: string;
  session: string;
  outcome: string;
  detail: string;
  shows: string;
}

/** One isolation check of one database: what was tried, and how much of it leaked. */
export const isolationRuns = pgTable(
  "isolation_runs",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    databaseId: uuid("database_id")
      .notNull()
      .references(() => databases.id),
    state: text("state", { enum: ["done", "failed"] }).notNull(),
    role: text("role"),
    startedAt: moment("started_at").notNull(),
    finishedAt: moment("finished_at").notNull().defaultNow(),
    tables: integer("tables").notNull().default(0),
    leaking: integer("leaking").notNull().default(0),
    unproven: integer("unproven").notNull().default(0),
    unprotected: integer("unprotected").notNull().default(0),
    limits: jsonb("limits").$type<string[]>().notNull().default([]),
    error: text("error"),
    fix: text("fix"),
  },
  (table) => [
    index("isolation_runs_idx").on(table.databaseId, table.finishedAt),
    check("isolation_runs_state_check", sql`${table.state} IN ('done', 'failed')`),
  ],
);

/** What one run found at one table, view, partition or function, with every attempt. */
export const isolationRelations = pgTable(
  "isolation_relations",
  {
    runId: uuid("run_id")
      .notNull()
      .references(() => isolationRuns.id, { onDelete: "cascade" }),
    schema: text("schema").notNull(),
    name: text("name").notNull(),
    kind: text("kind", { enum: ["table", "partition", "view", "materialized view", "function"] }).notNull(),
    verdict: text("verdict", { enum: ["leaks", "unproven", "proven", "unprotected"] }).notNull(),
    detail: text("detail").notNull(),
    attempts: jsonb("attempts").$type<StoredAttempt[]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.schema, table.name, table.kind] })],
);

export const isolationFindings = pgTable(
  "isolation_findings",
  {
    runId: uuid("run_id")
      .notNull()
      .references(() => isolationRuns.id, { onDelete: "cascade" }),
    /** Of what the finding is about, so that the same one of a later run has it too. */
    key: text("key").notNull(),
    /** Of the state it was found in: an acceptance covers this state and no other. */
    evidence: text("evidence").notNull(),
    kind: text("kind").notNull(),
    severity: text("severity", { enum: ["critical", "warning", "note"] }).notNull(),
    schema: text("schema").notNull(),
    name: text("name").notNull(),
    what: text("what").notNull(),
    why: text("why").notNull(),
    shows: text("shows"),
    mends: text("mends"),
    source: text("source").notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.key] })],
);

/** Somebody looked at a finding in exactly this state and said why it may stay. */
export const isolationAcceptances = pgTable(
  "isolation_acceptances",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    databaseId: uuid("database_id")
      .notNull()
      .references(() => databases.id),
    key: text("key").notNull(),
    evidence: text("evidence").notNull(),
    reason: text("reason").notNull(),
    acceptedBy: uuid("accepted_by").references(() => staff.id),
    acceptedByName: text("accepted_by_name").notNull(),
    acceptedAt: moment("accepted_at").notNull().defaultNow(),
    withdrawnBy: uuid("withdrawn_by").references(() => staff.id),
    withdrawnAt: moment("withdrawn_at"),
  },
  (table) => [
    uniqueIndex("isolation_acceptances_key")
      .on(table.databaseId, table.key, table.evidence)
      .where(sql`${table.withdrawnAt} IS NULL`),
  ],
);
