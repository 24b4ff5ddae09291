import type { AuditEntry } from "../contract.ts";

/** What archived months could answer a filter, before they are searched. */
export interface ColdScope {
  /** Files: one month of one database each. */
  files: number;
  /** The oldest and the newest month. */
  from: string | null;
  to: string | null;
  entries: string;
  bytes: string;
}

export interface ColdPage {
  rows: AuditEntry[];
  next: string | null;
  /** Files that could not be read, and why: the page is then whole for the others only. */
  silent: { databaseId: string; name: string; reason: string }[];
  /** The last month that was searched; older ones may hold more when there is a next page. */
  reached: string | null;
}

/** One line of the answer of /api/audit/cold. */
export type ColdLine =
  | { kind: "progress"; done: number; total: number; month: string }
  | { kind: "page"; page: ColdPage }
  | { kind: "failed"; code: string; message: string; fix?: string };
