import { sql } from "drizzle-orm";
import { boolean, check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { jobs } from "./jobs.ts";
import { moment } from "./staff.ts";

/**
 * One person's erasure, from the search on; the ledger from which it is applied again after a restore. Nothing here names the
 * person in the clear: whom it is about, and what was found, are sealed for this row's id.
 */
export const erasures = pgTable(
  "erasures",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    databaseId: uuid("database_id").notNull(),
    /** For people, without a personal value: "public.users 7". */
    subject: text("subject").notNull(),
    /** A keyed hash of whom it is about: HMAC-SHA256 in hexadecimal. */
    subjectRef: text("subject_ref").notNull(),
    /** The legal basis, as the person who asked for it named it. */
    basis: text("basis").notNull(),
    state: text("state", { enum: ["finding", "found", "running", "done", "incomplete"] })
      .notNull()
      .default("finding"),
    /** Whom it is about, the words that name them, and what was chosen; sealed. Kept: a replay needs it. */
    sealed: text("sealed").notNull(),
    /** What was found, with the rows' keys; sealed, and forgotten when the erasure is done. */
    found: text("found"),
    foundAt: moment("found_at"),
    /** The plan that was rehearsed last without a fault, and the one that two people agreed to. */
    rehearsedHash: text("rehearsed_hash"),
    planHash: text("plan_hash"),
    /** What the run came to, item by item, without a personal value. */
    outcome: jsonb("outcome").$type<Record<string, unknown>>(),
    reason: text("reason"),
    askedBy: text("asked_by").notNull(),
    proposedBy: text("proposed_by"),
    approvedBy: text("approved_by"),
    findJobId: uuid("find_job_id").references(() => jobs.id),
    runJobId: uuid("run_job_id").references(() => jobs.id),
    error: text("error"),
    /** A signed note. */
    certificate: text("certificate"),
    askedAt: moment("asked_at").notNull().defaultNow(),
    startedAt: moment("started_at"),
    finishedAt: moment("finished_at"),
  },
  (table) => [
    index("erasures_asked_at_idx").on(table.askedAt, table.id),
    index("erasures_database_id_idx").on(table.databaseId, table.finishedAt),
    index("erasures_subject_ref_idx").on(table.subjectRef),
    check("erasures_state_check", sql`${table.state} IN ('finding', 'found', 'running', 'done', 'incomplete')`),
  ],
);

/** Each later search for what was erased, and each replay in a database that was restored. */
export const erasureChecks = pgTable(
  "erasure_checks",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    erasureId: uuid("erasure_id")
      .notNull()
      .references(() => erasures.id),
    /** The database that was looked at: the erasure's own, or a copy of it that was restored. */
    databaseId: uuid("database_id").notNull(),
    what: text("what", { enum: ["run", "check", "replay"] }).notNull(),
    clean: boolean("clean").notNull(),
    /** What a replay applied again, and what is left. */
    applied: integer("applied").notNull().default(0),
    remaining: jsonb("remaining").$type<{ where: string; count: number }[]>().notNull(),
    notReached: jsonb("not_reached").$type<{ where: string; why: string }[]>().notNull(),
    actorName: text("actor_name").notNull(),
    jobId: uuid("job_id"),
    checkedAt: moment("checked_at").notNull().defaultNow(),
  },
  (table) => [
    index("erasure_checks_idx").on(table.erasureId, table.checkedAt),
    check("erasure_checks_what_check", sql`${table.what} IN ('run', 'check', 'replay')`),
  ],
);

/**
 * Databases that were closed to their application until erasures have been applied again in them. Written before a right is taken, so
 * that it is known what to give back whatever happens in between; whether a database is closed, its own rights say.
 */
export const closedDatabases = pgTable(
  "closed_databases",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    databaseId: uuid("database_id").notNull(),
    /** Whose erasures are to be applied in it: its own, or those of the database that it is a copy of. */
    fromId: uuid("from_id").notNull(),
    /** The rights to connect that were taken. The role null is PUBLIC. */
    grants: jsonb("grants").$type<{ role: string | null; grantable: boolean }[]>().notNull(),
    /** Whether the console was given a right of its own meanwhile. */
    lent: boolean("lent").notNull(),
    reason: text("reason").notNull(),
    closedBy: text("closed_by").notNull(),
    closedAt: moment("closed_at").notNull().defaultNow(),
    openedBy: text("opened_by"),
    openedAt: moment("opened_at"),
    openedWhy: text("opened_why"),
  },
  (table) => [uniqueIndex("closed_databases_key").on(table.databaseId).where(sql`${table.openedAt} IS NULL`)],
);
