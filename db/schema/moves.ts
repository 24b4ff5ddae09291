import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { jobs } from "./jobs.ts";
import { moment } from "./staff.ts";
import { placements, tenants } from "./tenants.ts";

/**
 * One move of one tenant between two placements. It is undone by moving back: a move that was cut over and reversed is ready
 * again, so that the two placements are one move until it is completed or aborted. Every change of `state` names the
 * `state_version` it was read with; every write of a worker names the `epoch` that it took the move over with.
 */
export const moves = pgTable(
  "moves",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** Gives the tenant a block of ids of its own; a tenant that is made apart takes a number from the same sequence. */
    number: integer("number").generatedAlwaysAsIdentity().notNull(),
    tenantId: uuid("tenant_id")
      .notNull()
      .references(() => tenants.id),
    fromPlacementId: uuid("from_placement_id")
      .notNull()
      .references(() => placements.id),
    toPlacementId: uuid("to_placement_id")
      .notNull()
      .references(() => placements.id),
    state: text("state", {
      enum: [
        "preparing",
        "copying",
        "indexing",
        "catching_up",
        "verifying",
        "ready",
        "cutting",
        "moved",
        "reversing",
        "completing",
        "completed",
        "aborting",
        "aborted",
      ],
    })
      .notNull()
      .default("preparing"),
    stateVersion: integer("state_version").notNull().default(1),
    /** Grows with each worker that takes the move over; both databases know it and refuse a worker with an older one. */
    epoch: integer("epoch").notNull().default(0),
    planHash: text("plan_hash").notNull(),
    /** The tables as they were planned. */
    plan: jsonb("plan").$type<Record<string, unknown>>().notNull(),
    /** When to cut over: as soon as it is ready, at a time, or when somebody asks. */
    cutover: text("cutover", { enum: ["ready", "at", "asked"] }).notNull(),
    cutoverAt: moment("cutover_at"),
    pausedAt: moment("paused_at"),
    pausedBy: text("paused_by"),
    /** Rows a second; null: as fast as it goes. */
    throttleRows: integer("throttle_rows"),
    /** How much of its servers it takes where others work on them, and which of the pace's limits were set to something else. */
    pace: text("pace", { enum: ["gentle", "normal", "fast"] })
      .notNull()
      .default("normal"),
    paceLimits: jsonb("pace_limits").$type<Record<string, number>>().notNull().default({}),
    /** What it waits for, or what holds it back, when that was looked at last. */
    held: text("held"),
    /** Since when it is one of those that its servers let copy at the same time. */
    turnAt: moment("turn_at"),
    /** How long after the cutover the way back stays open at least. */
    graceHours: integer("grace_hours").notNull().default(72),
    reason: text("reason"),
    actorName: text("actor_name").notNull(),
    staffId: uuid("staff_id"),
    jobId: uuid("job_id").references(() => jobs.id),
    /** How long the tenant's writers waited at the last cutover. */
    pauseMs: doublePrecision("pause_ms"),
    predictedPauseMs: doublePrecision("predicted_pause_ms"),
    /** Keys that were changed at the open place and are not yet at the other, when it was last looked at. */
    lagKeys: bigint("lag_keys", { mode: "number" }),
    lagAt: moment("lag_at"),
    /** Somebody wants the way back compared. */
    verifyAskedAt: moment("verify_asked_at"),
    error: text("error"),
    /** Since when the place that is to go could not be reached while the move was being ended, and why. */
    silentSince: moment("silent_since"),
    silentWhy: text("silent_why"),
    /** When that place was given up as lost for good, and by whom: the move ends without it. */
    givenUpAt: moment("given_up_at"),
    givenUpBy: text("given_up_by"),
    startedAt: moment("started_at").notNull().defaultNow(),
    readyAt: moment("ready_at"),
    movedAt: moment("moved_at"),
    endedAt: moment("ended_at"),
  },
  (table) => [
    uniqueIndex("moves_active_key").on(table.tenantId).where(sql`${table.state} NOT IN ('completed', 'aborted')`),
    index("moves_started_at_idx").on(table.startedAt, table.id),
    check(
      "moves_state_check",
      sql`${table.state} IN ('preparing', 'copying', 'indexing', 'catching_up', 'verifying', 'ready', 'cutting', 'moved',
                             'reversing', 'completing', 'completed', 'aborting', 'aborted')`,
    ),
    check("moves_pace_check", sql`${table.pace} IN ('gentle', 'normal', 'fast')`),
    check("moves_cutover_check", sql`${table.cutover} IN ('ready', 'at', 'asked')`),
    check("moves_cutover_at_check", sql`(${table.cutover} = 'at') = (${table.cutoverAt} IS NOT NULL)`),
  ],
);

/** One table of a move, and how far it has come. */
export const moveTables = pgTable(
  "move_tables",
  {
    moveId: uuid("move_id")
      .notNull()
      .references(() => moves.id),
    /** Its place in the order of the foreign keys. */
    ordinal: integer("ordinal").notNull(),
    name: text("name").notNull(),
    class: text("class", { enum: ["tenant", "child"] }).notNull(),
    /** The key of the last copied row, as text, column by column. */
    copiedToKey: text("copied_to_key").array(),
    estimatedRows: bigint("estimated_rows", { mode: "number" }),
    rows: bigint("rows", { mode: "number" }).notNull().default(0),
    bytes: bigint("bytes", { mode: "number" }).notNull().default(0),
    copiedAt: moment("copied_at"),
    /** Keys that were read again because writes had touched them. */
    drained: bigint("drained", { mode: "number" }).notNull().default(0),
    verifiedRows: bigint("verified_rows", { mode: "number" }),
    checksumSource: text("checksum_source"),
    checksumTarget: text("checksum_target"),
    verifiedAt: moment("verified_at"),
  },
  (table) => [
    primaryKey({ columns: [table.moveId, table.ordinal] }),
    check("move_tables_class_check", sql`${table.class} IN ('tenant', 'child')`),
  ],
);

/** What happened in a move, in the order in which it did. Rows are added and never changed. */
export const moveEvents = pgTable(
  "move_events",
  {
    id: bigint("id", { mode: "bigint" }).primaryKey().generatedAlwaysAsIdentity(),
    moveId: uuid("move_id")
      .notNull()
      .references(() => moves.id),
    at: moment("at").notNull().defaultNow(),
    /** A state that was reached, or what else is worth telling. */
    kind: text("kind").notNull(),
    line: text("line").notNull(),
    actorName: text("actor_name").notNull(),
  },
  (table) => [index("move_events_move_id_idx").on(table.moveId, table.id)],
);
