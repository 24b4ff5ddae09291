import type pg from "pg";
import { type Branch, impersonatorSql } from "./query/sql.ts";

/** How somebody has a part in an entry: it stands in their name, or they made it in another's. Each has an index of its own. */
export function actorWays(id: string, indexed: boolean): Branch[] {
  const own: Branch = (bind) => `user_id = ${bind(id)}`;
  const real: Branch = (bind) => impersonatorSql(bind, [id]);
  return indexed ? [own, real] : [own];
}

/** Whether the log has the index; without it the question would read all of it. An older installation has none until its plan is applied. */
export async function hasImpersonatorIndex(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ indexed: boolean }>(
    "SELECT to_regclass('caretaker.audit_logs_impersonator_idx') IS NOT NULL AS indexed",
  );
  return rows[0]?.indexed ?? false;
}
