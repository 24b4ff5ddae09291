import type postgres from "postgres";

/** Records what is no row change, in the transaction that does it: both happen, or neither. Returns the entry's id. */
export async function logEvent(
  sql: postgres.TransactionSql,
  action: string,
  about: { type?: string; id?: string; metadata?: postgres.JSONValue } = {},
): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    SELECT caretaker.log_event(${action}, ${about.type ?? null}, ${about.id ?? null}, ${sql.json(about.metadata ?? {})})::text AS id`;
  return row?.id ?? "";
}

// await acting(sql, { userId, tenantId }, async (sql) => {
//   await logEvent(sql, "permission_granted", { type: "users", id: "42", metadata: { granted: "owner" } });
// });
