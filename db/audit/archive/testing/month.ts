interface Client {
  query(sql: string, values: unknown[]): Promise<unknown>;
}

/**
 * Fills a past month with entries of every kind: row images with quotes, line breaks, numbers that JavaScript would round, empty
 * and missing text, addresses of both families.
 */
export async function fillMonth(client: Client, month: string, rows: number): Promise<void> {
  await client.query("SELECT caretaker.add_partition($1::date)", [`${month}-01`]);
  await client.query(
    `INSERT INTO caretaker.audit_logs
       (created_at, id, transaction_id, action, resource_schema, resource_type, resource_id, tenant_id, user_id, request_id,
        ip_address, user_agent, old_values, new_values, changes, metadata)
     SELECT at, ((extract(epoch FROM at) * 1000)::bigint << 20) | n, (1000 + n / 3)::text::xid8,
            CASE n % 4 WHEN 0 THEN 'create' WHEN 1 THEN 'update' WHEN 2 THEN 'delete' ELSE 'login' END,
            CASE WHEN n % 4 < 3 THEN 'public' END, CASE WHEN n % 4 < 3 THEN 'orders' ELSE 'session' END, (n % 1000)::text,
            'tenant-' || n % 7, CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'user-' || n % 50 END, 'request-' || n / 3,
            CASE n % 3 WHEN 0 THEN '10.0.0.1'::inet WHEN 1 THEN '2001:db8::7'::inet END,
            CASE n % 3 WHEN 0 THEN E'quo"ted, \\\\N and\\nbroken' WHEN 1 THEN '' END,
            CASE WHEN n % 4 IN (1, 2) THEN jsonb_build_object('id', n % 1000, 'total', 9007199254740993.10 + n, 'active', true, 'note', NULL,
              'name', E'Zoë "Z"\\nline', 'email', 'person' || n % 1000 || '@example.com') END,
            CASE WHEN n % 4 = 0 THEN jsonb_build_object('id', n % 1000, 'active', true, 'tags', jsonb_build_array('a', 1.50)) END,
            CASE WHEN n % 4 = 1 THEN jsonb_build_object('active', false) END,
            CASE WHEN n % 2 = 0 THEN jsonb_build_object('role', 'app', 'application', 'web', 'reason', 'ticket ' || n % 9) END
       FROM generate_series(1, $2::int) AS n,
            LATERAL (SELECT $1::date + n * (interval '27 days' / $2::int) + interval '123456 microseconds') AS moment (at)`,
    [`${month}-01`, rows],
  );
}
