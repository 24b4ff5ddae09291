import { z } from "zod";
import { consentSchema } from "../approvals/contract.ts";

export const backupStates = ["running", "good", "failed", "damaged", "missing", "expired"] as const;

export type BackupState = (typeof backupStates)[number];

export const runBackupInput = z.object({ databaseId: z.string().min(1).max(100) });

export type RunBackup = z.infer<typeof runBackupInput>;

export const keepDaysMax = 3_650;

/** No days: until the file is removed by hand. */
export const keepChange = z.object({
  databaseId: z.string().min(1).max(100),
  keepDays: z.preprocess(
    (value) => (value === "" || value === undefined ? null : value),
    z.coerce.number().int().min(1).max(keepDaysMax).nullable(),
  ),
});

export type KeepChange = z.infer<typeof keepChange>;

export const setKeepInput = keepChange.extend(consentSchema.shape);

export type SetKeep = z.infer<typeof setKeepInput>;

/** A change of how long backups of a database are kept, before anybody agrees to it. */
export interface KeepPlan {
  databaseName: string;
  subject: string;
  /** Whether more backups of it may come; the last one of a database that left goes as well. */
  inFleet: boolean;
  before: number | null;
  after: number | null;
  /** Whether backups go sooner by it, which takes a second person. */
  shorter: boolean;
  /** The backups that would go at the next run, oldest first. */
  goes: { id: string; startedAt: string }[];
  /** Legal holds that keep them all. */
  holds: string[];
  hash: string;
}

export const backupReference = z.object({ id: z.uuid() });

export const removeBackupInput = backupReference.extend(consentSchema.shape);

export type RemoveBackup = z.infer<typeof removeBackupInput>;

/** The removal of one backup by hand, before anybody agrees to it. */
export interface RemovalPlan {
  /** What to type. */
  subject: string;
  hash: string;
  /** What keeps it; null when it can be removed. */
  obstacle: { message: string; fix: string } | null;
}

export const downloadInput = z.object({ id: z.uuid(), part: z.enum(["dump", "globals"]).default("dump") });

export type Download = z.infer<typeof downloadInput>;

export const backupFilter = z.object({
  database: z.string().max(100).optional(),
  state: z.enum(backupStates).optional(),
  cursor: z.string().max(500).optional(),
});

export type BackupFilter = z.infer<typeof backupFilter>;

/** One dump. Times are ISO 8601 text, bytes are digits. */
export interface BackupView {
  id: string;
  databaseId: string;
  databaseName: string;
  jobId: string | null;
  state: BackupState;
  file: string;
  /** Whether the roles stand beside it, and why not. */
  globals: boolean;
  globalsNote: string | null;
  bytes: string | null;
  sha256: string | null;
  objects: number | null;
  tables: number | null;
  toolVersion: string | null;
  serverVersion: string | null;
  error: string | null;
  startedAt: string;
  finishedAt: string | null;
  verifiedAt: string | null;
  /** When its time is over, where an end is set, and what keeps it beyond that: a legal hold, or that no newer good one is there. */
  expiresAt: string | null;
  stays: "held" | "newest" | null;
  /** When its file was removed because of that, or by hand; then `error` says by whom and why. */
  expiredAt: string | null;
}

/** How one database stands. */
export interface DatabaseBackups {
  databaseId: string;
  name: string;
  serverName: string;
  /** "good" is a good backup younger than a day; "unknown" never reads as good. */
  standing: "good" | "old" | "none";
  /** Days for which its backups are kept; null: until their files are removed by hand. */
  keepDays: number | null;
  lastGood: BackupView | null;
  /** The newest attempt, when it is not the last good one. */
  lastAttempt: BackupView | null;
  /** Why no backup can be made now, and what to do about it; null when one can. */
  obstacle: { message: string; fix: string | null } | null;
}

/** What is kept of a database that left the fleet. */
export interface GoneBackups {
  databaseId: string;
  name: string;
  keepDays: number | null;
  /** How many of its backups have not gone, and their bytes. */
  backups: number;
  bytes: string;
  newest: Pick<BackupView, "id" | "startedAt">;
}

export interface BackupOverview {
  databases: DatabaseBackups[];
  gone: GoneBackups[];
  /** Client tools on this machine, such as "15.18". */
  tools: string[];
  silent: { databaseId: string; name: string; reason: string }[];
}
