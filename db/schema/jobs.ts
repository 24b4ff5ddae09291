import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./staff.ts";

export interface JobProgress {
  done: number;
  total: number | null;
  unit: "rows" | "bytes" | "statements" | "tables" | "tenants" | "databases";
  /** The last line of the job's log. */
  line: string;
}

/**
 * Long work is a row. A worker holds it by a lease; `lease_epoch` grows with each takeover and fences off whoever held it
 * before: every write of a step names the epoch it was leased with.
 */
export const jobs = pgTable(
  "jobs",
  {
    /** Also the idempotency key: whoever enqueues chooses it. */
    id: uuid("id").primaryKey().defaultRandom(),
    kind: text("kind").notNull(),
    input: jsonb("input").$type<Record<string, unknown>>().notNull(),
    /** What the job is about, for people: "Backup of app". */
    title: text("title").notNull(),
    planHash: text("plan_hash"),
    state: text("state", { enum: ["queued", "running", "done", "failed", "cancelled"] })
      .notNull()
      .default("queued"),
    step: text("step"),
    progress: jsonb("progress").$type<JobProgress>(),
    result: jsonb("result").$type<Record<string, unknown>>(),
    error: text("error"),
    /** Whoever enqueued it, with no more than they could do then; their role is read again when it runs. */
    staffId: uuid("staff_id"),
    actorName: text("actor_name").notNull(),
    capabilities: text("capabilities").array().notNull(),
    requestId: text("request_id").notNull(),
    /** Grows with every write, so that a screen knows whether it has seen this state. */
    revision: integer("revision").notNull().default(0),
    attempts: integer("attempts").notNull().default(0),
    leaseOwner: text("lease_owner"),
    leaseUntil: moment("lease_until"),
    leaseEpoch: integer("lease_epoch").notNull().default(0),
    cancelRequestedAt: moment("cancel_requested_at"),
    createdAt: moment("created_at").notNull().defaultNow(),
    startedAt: moment("started_at"),
    finishedAt: moment("finished_at"),
  },
  (table) => [
    index("jobs_open_idx").on(table.createdAt).where(sql`${table.state} IN ('queued', 'running')`),
    index("jobs_created_at_idx").on(table.createdAt, table.id),
    check("jobs_state_check", sql`${table.state} IN ('queued', 'running', 'done', 'failed', 'cancelled')`),
  ],
);

/** One finished step. Where the effect is in the control database, the receipt commits with it. */
export const jobReceipts = pgTable(
  "job_receipts",
  {
    jobId: uuid("job_id")
      .notNull()
      .references(() => jobs.id),
    step: text("step").notNull(),
    leaseEpoch: integer("lease_epoch").notNull(),
    receipt: jsonb("receipt").$type<Record<string, unknown>>().notNull(),
    finishedAt: moment("finished_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.step] })],
);

/** One row a transaction of the console's: proves that it committed when a crash of the server left its COMMIT unanswered. */
export const operations = pgTable(
  "operations",
  {
    id: uuid("id").primaryKey(),
    begunAt: moment("begun_at").notNull().defaultNow(),
  },
  (table) => [index("operations_begun_at_idx").on(table.begunAt)],
);
