import type { AuditEntry, Silent } from "../contract.ts";

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
  silent: Silent[];
  /** The last month that was searched; older ones may hold more when there is a next page. */
  reached: string | null;
}

/** The archived months that have a part in an answer, so that it can be read together with them. */
export interface FoundMonths {
  /** "2026-01", oldest first. */
  months: string[];
  /** How many entries of what was asked for are in them. */
  entries: number;
  silent: Silent[];
}

/** Archived months as an address names them: "2025-11,2025-12". */
export function monthsIn(text: string | undefined): string[] {
  return [...new Set((text ?? "").split(",").filter((month) => /^\d{4}-(0[1-9]|1[0-2])$/.test(month)))];
}

/** One line of the answer of /api/audit/cold and below. */
export type ColdLine =
  | { kind: "progress"; done: number; total: number; month: string }
  | { kind: "page"; page: ColdPage }
  | { kind: "months"; found: FoundMonths }
  | { kind: "failed"; code: string; message: string; fix?: string };
