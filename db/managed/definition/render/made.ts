import type { Statement } from "../../statement.ts";

/** A statement about something that was just made and that nobody uses yet: it locks nothing of the application's. */
export function made(object: string, why: string, sql: string): Statement {
  return { sql, object, lock: "none", why, transactional: true };
}
