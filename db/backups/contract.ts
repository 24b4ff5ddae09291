import { z } from "zod";

export const backupStates = ["running", "good", "failed", "damaged", "missing"] as const;

export type BackupState = (typeof backupStates)[number];

export const runBackupInput = z.object({ databaseId: z.string().min(1).max(100) });

export type RunBackup = z.infer<typeof runBackupInput>;

export const backupReference = z.object({ id: z.uuid() });

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
}

/** How one database stands. */
export interface DatabaseBackups {
  databaseId: string;
  name: string;
  serverName: string;
  /** "good" is a good backup younger than a day; "unknown" never reads as good. */
  standing: "good" | "old" | "none";
  lastGood: BackupView | null;
  /** The newest attempt, when it is not the last good one. */
  lastAttempt: BackupView | null;
  /** Why no backup can be made now, and what to do about it; null when one can. */
  obstacle: { message: string; fix: string | null } | null;
}

export interface BackupOverview {
  databases: DatabaseBackups[];
  /** Client tools on this machine, such as "15.18". */
  tools: string[];
  silent: { databaseId: string; name: string; reason: string }[];
}
