import { sql } from "drizzle-orm";
import { bigint, check, index, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { databases } from "./fleet.ts";
import { jobs } from "./jobs.ts";
import { moment } from "./staff.ts";

/** One reading of a database's counters, as read; rates are differences between two. */
export const healthSamples = pgTable(
  "health_samples",
  {
    id: bigint("id", { mode: "bigint" }).primaryKey().generatedAlwaysAsIdentity(),
    databaseId: uuid("database_id")
      .notNull()
      .references(() => databases.id),
    sampledAt: moment("sampled_at").notNull().defaultNow(),
    readings: jsonb("readings").$type<Record<string, string | number | null>>().notNull(),
  },
  (table) => [index("health_samples_idx").on(table.databaseId, table.sampledAt)],
);

export const backups = pgTable(
  "backups",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    databaseId: uuid("database_id")
      .notNull()
      .references(() => databases.id),
    jobId: uuid("job_id").references(() => jobs.id),
    state: text("state", { enum: ["running", "good", "failed", "damaged", "missing"] }).notNull(),
    /** Below the data folder. */
    file: text("file").notNull(),
    bytes: bigint("bytes", { mode: "bigint" }),
    sha256: text("sha256"),
    /** pg_dump's version and the server's, as both print them. */
    toolVersion: text("tool_version"),
    serverVersion: text("server_version"),
    error: text("error"),
    startedAt: moment("started_at").notNull().defaultNow(),
    finishedAt: moment("finished_at"),
    verifiedAt: moment("verified_at"),
  },
  (table) => [
    index("backups_database_id_idx").on(table.databaseId, table.startedAt),
    check("backups_state_check", sql`${table.state} IN ('running', 'good', 'failed', 'damaged', 'missing')`),
    check("backups_good_check", sql`${table.state} <> 'good' OR ${table.sha256} IS NOT NULL`),
  ],
);
