import type pg from "pg";

/** Records what is no row change, in the transaction that does it: both happen, or neither. Returns the entry's id. */
export async function logEvent(
  client: pg.ClientBase,
  action: string,
  about: { type?: string; id?: string; metadata?: Record<string, unknown> } = {},
): Promise<string> {
  const { rows } = await client.query<{ id: string }>("SELECT caretaker.log_event($1, $2, $3, $4::jsonb)::text AS id", [
    action,
    about.type ?? null,
    about.id ?? null,
    JSON.stringify(about.metadata ?? {}),
  ]);
  return rows[0]?.id ?? "";
}

// await acting(pool, { userId, tenantId, ip, userAgent, requestId }, async (client) => {
//   await logEvent(client, "login", { type: "users", id: userId, metadata: { method: "passkey" } });
// });
