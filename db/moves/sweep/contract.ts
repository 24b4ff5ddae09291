import type { Silent } from "../../fleet.ts";
import type { MoveStatement } from "../contract.ts";

/**
 * fences: triggers, policies, notes and gates of a move that is over. schema, database: a tenant's own, in which it does not live.
 * capture: what the log keeps about tables that are gone. record: a place in the console's books that no move has.
 * rows: rows in the shared tables of a tenant that lives elsewhere.
 */
export type LeftoverKind = "fences" | "schema" | "database" | "capture" | "record" | "rows";

/** Something of a move that is over, or of one that the console does not know. */
export interface Leftover {
  /** Stays the same while it is there. */
  id: string;
  kind: LeftoverKind;
  databaseId: string;
  databaseName: string;
  serverName: string;
  name: string;
  tenant: { id: string; name: string } | null;
  /** The move that it came from, where the console knows it. */
  moveId: string | null;
  /** What it is made of: "trigger … on …", "table … with 400 rows". */
  parts: string[];
  /** Rows that would go with it; 0 only where there certainly are none. */
  rows: number;
  bytes: number;
  /** Whether it may be removed here. What is not certain is for a person to look at. */
  certain: boolean;
  /** Why nobody needs it, or why that is not certain. */
  why: string;
  /** What removes it; those of one object run in one transaction. */
  statements: MoveStatement[];
  /** The plan to agree to when only this is removed. */
  hash: string;
}

export interface Leftovers {
  certain: Leftover[];
  doubtful: Leftover[];
  /** Databases and servers that did not answer: what is left there is not known. */
  silent: Silent[];
  /** How many databases answered. */
  asked: number;
  /** The plan to agree to when all that is certain is removed. */
  hash: string;
}

/** What is typed to remove them: the one's name, or how many they are. */
export function sweepSubject(leftovers: readonly Pick<Leftover, "name">[]): string {
  const [only] = leftovers;
  return only && leftovers.length === 1 ? only.name : `${leftovers.length} leftovers`;
}

/** Whatever holds rows takes a name typed, a reason, the password and a second person. */
export function holdsRows(leftovers: readonly Pick<Leftover, "rows">[]): boolean {
  return leftovers.some(({ rows }) => rows > 0);
}
