import type pg from "pg";

export interface Acting {
  userId: string | null;
  tenantId: string | null;
  ip?: string;
  userAgent?: string;
  requestId?: string;
  reason?: string;
}

const setContext = `
  SELECT set_config('app.current_user_id', $1, true), set_config('app.current_tenant_id', $2, true),
         set_config('app.ip_address', $3, true),      set_config('app.user_agent', $4, true),
         set_config('app.request_id', $5, true),      set_config('app.reason', $6, true)`;

/** One transaction in which PostgreSQL knows who acts and for which tenant. */
export async function acting<T>(
  pool: pg.Pool,
  { userId, tenantId, ip, userAgent, requestId, reason }: Acting,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const values = [userId, tenantId, ip, userAgent, requestId, reason];
    await client.query(
      setContext,
      values.map((value) => value ?? ""),
    );
    const result = await work(client);
    await client.query("COMMIT");
    client.release();
    return result;
  } catch (error) {
    client.release(error instanceof Error ? error : true); // the open transaction ends with its connection
    throw error;
  }
}
