import { sql } from "drizzle-orm";
import { bigint, check, customType, index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import type { StreamTarget } from "./exports.ts";
import { moment } from "./staff.ts";

const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => "bytea" });

/** The Ed25519 keys that sign checkpoints. The newest that is not retired signs; the others still prove what they signed. */
export const sealKeys = pgTable("seal_keys", {
  id: uuid("id").primaryKey().defaultRandom(),
  /** NAME+ID+KEY, to give to whoever verifies. */
  verifier: text("verifier").notNull().unique(),
  /** The private key as PEM, sealed for this row's id. */
  sealed: text("sealed").notNull(),
  madeAt: moment("made_at").notNull().defaultNow(),
});

/** How far each audited database's log is sealed. Outside that database, so that its owner can not rewrite both. */
export const sealedLogs = pgTable("sealed_logs", {
  /** A managed database's id, or "console" for the control database itself. */
  databaseId: text("database_id").primaryKey(),
  origin: text("origin").notNull().unique(),
  /** Leaves so far. */
  size: bigint("size", { mode: "number" }).notNull().default(0),
  /** The entry sealed last, by transaction and id, as text; the order of the tree. */
  lastTransaction: text("last_transaction").notNull().default("0"),
  lastId: text("last_id").notNull().default("0"),
  /** Every entry of a transaction before this one is sealed. */
  sealedTo: text("sealed_to").notNull().default("0"),
  /** Grows with each erasure, so that a sealer that read before it can not write after it. */
  generation: integer("generation").notNull().default(0),
  /** When the sealer last took what it could, also when that was nothing. */
  sealedAt: moment("sealed_at"),
  /** When the oldest entry was written that it had to leave then; null when it left none. */
  unsealedSince: moment("unsealed_since"),
  /** Why nothing more is sealed, such as a database whose transactions went back. */
  stopped: text("stopped"),
});

/**
 * Each time that sealing was let go on in a database that was put back to a backup. Of the leaves in [from, to) so many have no entry
 * any more, and rightly so.
 */
export const sealEpochs = pgTable(
  "seal_epochs",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    databaseId: text("database_id").notNull(),
    fromLeaf: bigint("from_leaf", { mode: "number" }).notNull(),
    toLeaf: bigint("to_leaf", { mode: "number" }).notNull(),
    lost: bigint("lost", { mode: "number" }).notNull(),
    reason: text("reason").notNull(),
    begunBy: text("begun_by").notNull(),
    begunAt: moment("begun_at").notNull().defaultNow(),
  },
  (table) => [index("seal_epochs_idx").on(table.databaseId, table.begunAt)],
);

/**
 * The tree: 256 hashes a tile, level 0 of the leaves, level n of the roots of full tiles below. Only the last tile of a level is
 * partial. Leaves also have their entries' ids and their salts (db/audit/proof/salts.ts).
 */
export const sealTiles = pgTable(
  "seal_tiles",
  {
    databaseId: text("database_id").notNull(),
    level: integer("level").notNull(),
    index: integer("index").notNull(),
    hashes: bytes("hashes").notNull(),
    ids: bytes("ids"),
    idMin: bigint("id_min", { mode: "bigint" }),
    idMax: bigint("id_max", { mode: "bigint" }),
    seed: bytes("seed"),
    salts: bytes("salts"),
  },
  (table) => [
    primaryKey({ columns: [table.databaseId, table.level, table.index] }),
    index("seal_tiles_id_idx").on(table.databaseId, table.idMax).where(sql`${table.level} = 0`),
  ],
);

/** Signed notes, each naming the one before it. */
export const sealCheckpoints = pgTable(
  "seal_checkpoints",
  {
    databaseId: text("database_id").notNull(),
    size: bigint("size", { mode: "number" }).notNull(),
    note: text("note").notNull(),
    root: text("root").notNull(),
    signedAt: moment("signed_at").notNull().defaultNow(),
    publishedAt: moment("published_at"),
  },
  (table) => [primaryKey({ columns: [table.databaseId, table.size] })],
);

/** Where checkpoints go besides the console's own store. Secrets are not among it. */
export type CheckpointTarget = { kind: "folder"; folder: string } | Extract<StreamTarget, { kind: "webhook" | "s3" }>;

/** A place that every new checkpoint of every audited database is put into. */
export const checkpointPlaces = pgTable("checkpoint_places", {
  id: uuid("id").primaryKey().defaultRandom(),
  name: text("name").notNull(),
  target: jsonb("target").$type<CheckpointTarget>().notNull(),
  /** The webhook's signing secret or the bucket's secret key, sealed by `db/secrets`; a folder has none. */
  secret: text("secret"),
  createdBy: text("created_by").notNull(),
  createdAt: moment("created_at").notNull().defaultNow(),
  removedAt: moment("removed_at"),
});

/** How far one database's checkpoints have got into one place. */
export const checkpointDeliveries = pgTable(
  "checkpoint_deliveries",
  {
    placeId: uuid("place_id")
      .notNull()
      .references(() => checkpointPlaces.id),
    /** A managed database's id, or "console". */
    databaseId: text("database_id").notNull(),
    /** Checkpoints of up to so many entries are there, or were signed before the place was set up. */
    size: bigint("size", { mode: "number" }).notNull().default(0),
    delivered: bigint("delivered", { mode: "number" }).notNull().default(0),
    deliveredAt: moment("delivered_at"),
    checkedAt: moment("checked_at"),
    /** Failures in a row, and when the next try is due. */
    failures: integer("failures").notNull().default(0),
    nextTryAt: moment("next_try_at").notNull().defaultNow(),
    error: text("error"),
    /** The worker that delivers now. */
    leaseUntil: moment("lease_until"),
  },
  (table) => [primaryKey({ columns: [table.placeId, table.databaseId] })],
);

/** Entries whose values were erased. Their leaves stay in the tree and can not be recomputed by anybody. */
export const erasedEntries = pgTable(
  "erased_entries",
  {
    databaseId: text("database_id").notNull(),
    entryId: bigint("entry_id", { mode: "bigint" }).notNull(),
    /** The job that erases. */
    jobId: uuid("job_id").notNull(),
    plannedAt: moment("planned_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.databaseId, table.entryId] })],
);

/** One comparison of a log with its tree. The newest of a database is what its proof page shows. */
export const sealVerifications = pgTable(
  "seal_verifications",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    databaseId: text("database_id").notNull(),
    verdict: text("verdict", { enum: ["good", "bad"] }).notNull(),
    size: bigint("size", { mode: "number" }).notNull(),
    entries: bigint("entries", { mode: "number" }).notNull(),
    erased: bigint("erased", { mode: "number" }).notNull(),
    /** Entries of archived months' files. */
    archived: bigint("archived", { mode: "number" }).notNull(),
    /** Sealed entries that retention removed. */
    expired: bigint("expired", { mode: "number" }).notNull().default(0),
    /** Sealed entries that a restore of the database took away, which two people have agreed to. */
    lost: bigint("lost", { mode: "number" }).notNull().default(0),
    /** How many findings there were; the first of them are kept. */
    findingCount: bigint("finding_count", { mode: "number" }).notNull(),
    findings: jsonb("findings").$type<SealFinding[]>().notNull(),
    startedAt: moment("started_at").notNull(),
    finishedAt: moment("finished_at").notNull().defaultNow(),
  },
  (table) => [
    index("seal_verifications_idx").on(table.databaseId, table.finishedAt),
    check("seal_verifications_verdict_check", sql`${table.verdict} IN ('good', 'bad')`),
  ],
);

export interface SealFinding {
  kind: "changed" | "vanished" | "inserted" | "swapped" | "rolled-back" | "forked" | "damaged";
  /** The entry it is about, when it is about one. */
  entry: string | null;
  /** One sentence. */
  message: string;
}
