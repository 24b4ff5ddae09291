import type pg from "pg";

/** Moves the entries that an application has just made into a past month, in their order and a second apart, as if made then. */
export async function moveToPast(client: pg.Client, month: string): Promise<void> {
  await client.query("SELECT caretaker.add_partition($1::date)", [`${month}-01`]);
  await client.query("SELECT caretaker.index_staged(1000000)");
  const { rows } = await client.query<{ part: string }>(
    "SELECT DISTINCT tableoid::regclass::text AS part FROM caretaker.audit_logs WHERE created_at > now() - interval '1 day'",
  );
  for (const { part } of rows) {
    await client.query(`ALTER TABLE ${part} DISABLE TRIGGER append_only`);
    await client.query(
      `WITH gone AS (DELETE FROM ${part} WHERE created_at > now() - interval '1 day' RETURNING *),
            moved AS (SELECT *, $1::timestamptz + interval '9 days' + row_number() OVER (ORDER BY created_at, id) * interval '1 second' AS at
                       FROM gone)
       INSERT INTO caretaker.audit_logs
       SELECT at, ((extract(epoch FROM at) * 1000)::bigint << 20) | (id & 1048575), transaction_id, action, resource_schema, resource_type,
              resource_id, tenant_id, user_id, request_id, ip_address, user_agent, old_values, new_values, changes, metadata
         FROM moved`,
      [`${month}-01T00:00:00Z`],
    );
    await client.query(`ALTER TABLE ${part} ENABLE ALWAYS TRIGGER append_only`);
  }
}
