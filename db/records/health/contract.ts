import { z } from "zod";
import type { Silent } from "../../audit/contract.ts";

export const healthQuery = z.object({ database: z.uuid().optional() });
export type HealthQuery = z.infer<typeof healthQuery>;

export type FindingCode =
  | "blocks_reuse"
  | "no_index_of_live_rows"
  | "no_index_of_deleted_rows"
  | "points_at_deleted"
  | "view_missing"
  | "view_out_of_date";

/** What is unhealthy about the soft deletes of one table, and the SQL that mends it. */
export interface Finding {
  code: FindingCode;
  /** warning: somebody meets it. note: it costs time or space. */
  severity: "warning" | "note";
  message: string;
  /** Ready to run, each by itself; none where only the application can mend it. */
  statements: string[];
}

/** Soft deletes of one table. Numbers of rows are the planner's estimates. */
export interface TableHealth {
  schema: string;
  table: string;
  column: string;
  rows: number;
  /** Rows that are marked as deleted; null until the table has been analysed. */
  marked: number | null;
  findings: Finding[];
  /** What could not be looked at, and why. */
  unknown: string[];
}

export interface DatabaseHealth {
  database: string;
  databaseName: string;
  tables: TableHealth[];
}

export interface SoftDeleteHealth {
  databases: DatabaseHealth[];
  silent: Silent[];
}
