import pg from "pg";

/** One SQL statement of a plan, with what a person wants to know before it runs. */
export interface Statement {
  sql: string;
  /** What it makes or changes. */
  object: string;
  /** The strongest lock it takes on something the application uses, and for how long; or "none". */
  lock: string;
  why: string;
  /** False when it refuses to run inside a transaction block. */
  transactional: boolean;
  /** The table, quoted, that `lock` is about, where it is not the statement's own. */
  locks?: string;
  /** The table, quoted, that it alone works through: such statements of different tables may run side by side. */
  over?: string;
}

/** Quotes an identifier. Every name from a catalog passes through here. */
export const identifier = pg.escapeIdentifier;

/** Quotes a literal. */
export const literal = pg.escapeLiteral;

export function relation(schema: string, name: string): string {
  return `${identifier(schema)}.${identifier(name)}`;
}

/** A statement about the schema `caretaker`, which the application does not use: it locks nothing of hers. */
export function own(object: string, why: string, sql: string): Statement {
  return { sql: sql.trim(), object, lock: "none", why, transactional: true };
}
