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
  real,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { databases, servers } from "./fleet.ts";
import { moves } from "./moves.ts";
import { moment } from "./staff.ts";
import { tenants } from "./tenants.ts";

/** What a server held and did when it was looked at. */
export const serverSamples = pgTable(
  "server_samples",
  {
    serverId: uuid("server_id")
      .notNull()
      .references(() => servers.id),
    sampledAt: moment("sampled_at").notNull().defaultNow(),
    /** Bytes of all its databases. */
    usedBytes: bigint("used_bytes", { mode: "number" }).notNull(),
    /** Milliseconds that statements of all databases have run for: a counter, whose growth over time is the load. */
    activeMs: doublePrecision("active_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.serverId, table.sampledAt] })],
);

/** Where an application's tenants go that get a database of their own; `home_database_id` is the database that lists them. */
export const placementPolicies = pgTable(
  "placement_policies",
  {
    homeDatabaseId: uuid("home_database_id")
      .primaryKey()
      .references(() => databases.id),
    kind: text("kind", { enum: ["least_loaded", "region", "pinned"] }).notNull(),
    region: text("region"),
    serverId: uuid("server_id").references(() => servers.id),
    setBy: text("set_by").notNull(),
    setAt: moment("set_at").notNull().defaultNow(),
  },
  (table) => [
    check("placement_policies_kind_check", sql`${table.kind} IN ('least_loaded', 'region', 'pinned')`),
    check(
      "placement_policies_part_check",
      sql`(${table.kind} = 'region') = (${table.region} IS NOT NULL) AND (${table.kind} = 'pinned') = (${table.serverId} IS NOT NULL)`,
    ),
  ],
);

/** A plan that somebody agreed to, run as a queue of moves. */
export const rebalances = pgTable(
  "rebalances",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    planHash: text("plan_hash").notNull(),
    limit: real("limit").notNull(),
    plan: jsonb("plan").$type<Record<string, unknown>>().notNull(),
    state: text("state", { enum: ["running", "done", "stopped"] })
      .notNull()
      .default("running"),
    reason: text("reason"),
    actorName: text("actor_name").notNull(),
    staffId: uuid("staff_id"),
    startedAt: moment("started_at").notNull().defaultNow(),
    endedAt: moment("ended_at"),
  },
  (table) => [
    index("rebalances_started_at_idx").on(table.startedAt),
    check("rebalances_state_check", sql`${table.state} IN ('running', 'done', 'stopped')`),
  ],
);

export const rebalanceMoves = pgTable(
  "rebalance_moves",
  {
    rebalanceId: uuid("rebalance_id")
      .notNull()
      .references(() => rebalances.id),
    ordinal: integer("ordinal").notNull(),
    tenantId: uuid("tenant_id")
      .notNull()
      .references(() => tenants.id),
    fromServerId: uuid("from_server_id")
      .notNull()
      .references(() => servers.id),
    toServerId: uuid("to_server_id")
      .notNull()
      .references(() => servers.id),
    bytes: bigint("bytes", { mode: "number" }).notNull(),
    state: text("state", { enum: ["queued", "moving", "moved", "failed", "skipped"] })
      .notNull()
      .default("queued"),
    moveId: uuid("move_id").references(() => moves.id),
    error: text("error"),
  },
  (table) => [
    primaryKey({ columns: [table.rebalanceId, table.ordinal] }),
    check("rebalance_moves_state_check", sql`${table.state} IN ('queued', 'moving', 'moved', 'failed', 'skipped')`),
  ],
);
