import type postgres from "postgres";

/** One transaction in which PostgreSQL knows who acts and for which tenant. */
export function acting<T>(
  sql: postgres.Sql,
  who: { userId: string | null; tenantId: string | null; ip?: string; userAgent?: string; requestId?: string },
  work: (sql: postgres.TransactionSql) => Promise<T>,
) {
  return sql.begin(async (sql) => {
    await sql`
      SELECT set_config('app.current_user_id', ${who.userId ?? ""}, true),
             set_config('app.current_tenant_id', ${who.tenantId ?? ""}, true),
             set_config('app.ip_address', ${who.ip ?? ""}, true),
             set_config('app.user_agent', ${who.userAgent ?? ""}, true),
             set_config('app.request_id', ${who.requestId ?? ""}, true)`;
    return work(sql);
  });
}
