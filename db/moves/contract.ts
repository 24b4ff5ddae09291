import { z } from "zod";
import { consentSchema } from "../approvals/contract.ts";
import type { JobView } from "../jobs/contract.ts";
import { type MovePace, movePaces, type PaceLimits } from "./pace/contract.ts";
import { paceLimitsSchema, paceSchema } from "./pace/inputs.ts";
import type { MoveVerb } from "./verbs/contract.ts";

export const moveStates = [
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
] as const;
export type MoveState = (typeof moveStates)[number];

export type MoveTier = "shared" | "schema" | "database";

const id = z.uuid("must be an id");
const emptyIsAbsent = (value: unknown) => (value === "" ? undefined : value);
const optional = <T extends z.ZodType>(schema: T) => z.preprocess(emptyIsAbsent, schema.optional());

/** Where to. A schema of its own is made in the database that lists the tenant, or in another one; a database on a server. */
export const planMoveInput = z.object({
  tenantId: id,
  tier: z.enum(["shared", "schema", "database"]),
  /** Tier schema: another adopted database, which lists no tenants. */
  databaseId: optional(id),
  /** Tier database: another server of the fleet than that of the database that lists the tenant. */
  serverId: optional(id),
});
export type PlanMove = z.infer<typeof planMoveInput>;

/** As soon as everything is verified, at a time, or when somebody asks. */
const whenToCut = {
  cutover: z.enum(["ready", "at", "asked"]).default("asked"),
  cutoverAt: optional(z.iso.datetime({ offset: true })),
};

export const startMoveInput = planMoveInput.extend({
  ...consentSchema.shape,
  planHash: z.string().min(1).max(200),
  ...whenToCut,
  /** Absent: normal. */
  pace: optional(z.enum(movePaces)),
  throttleRows: optional(z.coerce.number().int().min(100).max(10_000_000)),
  graceHours: z.preprocess(emptyIsAbsent, z.coerce.number().int().min(0).max(8_760).default(72)),
});
export type StartMove = z.infer<typeof startMoveInput>;

const acted = z.object({ moveId: id });
export const actOnMoveInput = acted.extend(consentSchema.shape);
export type ActOnMove = z.infer<typeof actOnMoveInput>;

export const scheduleInput = actOnMoveInput.extend(whenToCut);
export type ScheduleCutover = z.infer<typeof scheduleInput>;

/** All of it is set anew; a limit that is absent stands as the pace has it. */
export const throttleInput = acted.extend({
  pace: paceSchema,
  /** Rows a second; absent: as fast as it goes. */
  rows: optional(z.coerce.number().int().min(100).max(10_000_000)),
  ...paceLimitsSchema.shape,
});
export type ThrottleMove = z.infer<typeof throttleInput>;

export const moveReference = z.object({ id });

export const moveFilter = z.object({
  tenantId: optional(id),
  /** From it or to it. */
  databaseId: optional(id),
  /** Only moves that are neither completed nor aborted. */
  open: optional(z.stringbool()),
  cursor: optional(z.string().max(500)),
});
export type MoveFilter = z.infer<typeof moveFilter>;

export const placementQuery = z.object({
  /** Its id or its key. */
  tenant: z.string().min(1).max(500),
  /** The database that lists it, by name or id. */
  database: optional(z.string().max(200)),
});
export type PlacementQuery = z.infer<typeof placementQuery>;

/** Where the application finds a tenant. */
export interface TenantPlacement {
  tenant: string;
  tier: MoveTier;
  host: string;
  port: number;
  database: string;
  schema: string;
  status: "active" | "suspended" | "archived";
}

/** A place of a tenant, for people. */
export interface MovePlace {
  tier: MoveTier;
  databaseId: string;
  databaseName: string;
  serverName: string;
  schema: string;
}

export interface MoveProblem {
  /** `grave` stops nobody, and nobody should go on without knowing it. */
  severity: "blocking" | "grave" | "warning";
  code: string;
  /** The table, role or database that it is about. */
  subject: string;
  message: string;
  fix: string;
}

export interface MoveStatement {
  sql: string;
  object: string;
  lock: string;
  why: string;
}

export interface PlannedMoveTable {
  name: string;
  class: "tenant" | "child";
  key: string[];
  estimatedRows: number;
  estimatedBytes: number;
}

export interface MovePlanView {
  hash: string;
  tenant: { id: string; key: string; name: string };
  from: MovePlace;
  to: MovePlace;
  /** Parents first, in which order they are copied. */
  tables: PlannedMoveTable[];
  /** What runs, in order. */
  /** The database that lists the tenant. */
  home: string;
  /** In the order in which they run; `server` is that of the new place, where the database is not there yet. */
  phases: { name: string; where: "from" | "to" | "server" | "home"; statements: MoveStatement[] }[];
  problems: MoveProblem[];
  /** At the new place, with indexes and WAL. */
  bytesNeeded: number;
  copySeconds: number;
  pauseMs: number;
}

export interface MoveRow {
  id: string;
  tenantId: string;
  tenantName: string;
  tenantKey: string;
  from: MovePlace;
  to: MovePlace;
  state: MoveState;
  paused: boolean;
  cutover: "ready" | "at" | "asked";
  cutoverAt: string | null;
  jobId: string | null;
  /** Of all tables together. */
  rows: number;
  estimatedRows: number;
  pauseMs: number | null;
  error: string | null;
  actorName: string;
  startedAt: string;
  movedAt: string | null;
  /** While it can still be reversed: from when on it may be completed. */
  completableAt: string | null;
  endedAt: string | null;
}

export interface MoveTableView {
  name: string;
  class: "tenant" | "child";
  estimatedRows: number | null;
  rows: number;
  bytes: number;
  copiedAt: string | null;
  drained: number;
  verifiedRows: number | null;
  verifiedAt: string | null;
  /** The same on both sides when it was verified. */
  checksum: string | null;
}

export interface MoveEvent {
  id: string;
  at: string;
  kind: string;
  line: string;
  actorName: string;
}

/** The place that is to go, while a move that is being ended cannot reach it. */
export interface MoveLoss {
  place: MovePlace;
  since: string;
  why: string;
  /** The plan to agree to when it is given up. */
  planHash: string;
}

export interface MoveView extends MoveRow {
  reason: string | null;
  throttleRows: number | null;
  pace: MovePace;
  paceLimits: PaceLimits;
  /** What it waits for or what holds it back now, in a sentence or two. */
  held: string | null;
  predictedPauseMs: number | null;
  /** Keys written at the open place that are not at the other yet, and when that was counted. */
  lagKeys: number | null;
  lagAt: string | null;
  pausedBy: string | null;
  readyAt: string | null;
  tables: MoveTableView[];
  /** Newest first. */
  events: MoveEvent[];
  verbs: MoveVerb[];
  /** The plan to approve before it is completed; null unless it is moved. */
  completionHash: string | null;
  loss: MoveLoss | null;
  /** When the place that was to go was given up, so that nothing was removed there. */
  givenUpAt: string | null;
}

/** What completing a move removes for good, by the plan that a second person approves. */
export interface MoveCompletion {
  planHash: string;
  moveId: string;
  tenantId: string;
  tenantName: string;
  state: MoveState;
  from: MovePlace;
  to: MovePlace;
  /** Since when nobody writes at the old place. */
  movedAt: string;
  /** Rows as they were compared last. */
  tables: { name: string; rows: number; bytes: number }[];
}

/** A move as its screen follows it. */
export interface LiveMove {
  move: MoveView;
  /** The job that carries it on, or did last. */
  job: JobView | null;
  /** When this was read. */
  at: string;
}

/** How many moves of a scope stand where; those that are over are not counted. */
export interface MovesStanding {
  running: number;
  paused: number;
  /** Stopped by an error that a person must look at, or for want of a place that has not been there for ten minutes. */
  failed: number;
  ready: number;
  /** Cut over, within the time that the way back is promised. */
  reversible: number;
  completable: number;
}
