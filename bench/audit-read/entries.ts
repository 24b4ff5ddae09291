import pg from "pg";

/** How the entries are spread: a few big tenants, tables and users, a long tail, actions that are rare. */
const spread = { tables: 24, tenants: 200, users: 2_000, records: 200_000 };

/** SQL of a number in [0, 1) that is a function of `value`, another one for each seed. */
function hash(value: string, seed: number): string {
  return `((hashint8extended((${value})::bigint, ${seed}) & 1073741823) / 1073741824.0)`;
}

/** SQL of a number in [0, count) that favours the first ones the more, the higher the power. */
function skewed(value: string, seed: number, power: number, count: number): string {
  return `(power(${hash(value, seed)}, ${power}) * ${count})::int`;
}

const chance = hash("n", 5);

// Three entries share a request and its actor, five a transaction.
const insertSql = (transaction: string) => `
INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action, resource_schema, resource_type, resource_id, tenant_id,
                                  user_id, request_id, ip_address, user_agent, old_values, new_values, changes)
SELECT at, (floor(extract(epoch FROM at) * 1000)::bigint << 20) | (n & 1048575), ${transaction}, action, 'public',
       'table_' || ${skewed("n", 1, 3, spread.tables)}, (${skewed("n", 2, 2, spread.records)})::text,
       'tenant-' || ${skewed("n / 3", 3, 3, spread.tenants)},
       CASE WHEN ${hash("n / 3", 6)} > 0.05 THEN 'user-' || ${skewed("n / 3", 4, 2, spread.users)} END,
       md5('request' || n / 3)::uuid::text, ('10.' || (n / 3) % 7 || '.' || (n / 3) % 251 || '.7')::inet, 'Mozilla/5.0 (X11; Linux x86_64)',
       CASE WHEN action IN ('update', 'delete') THEN image END,
       CASE WHEN action = 'create' THEN image END,
       CASE WHEN action = 'update' THEN jsonb_build_object('status', 'paid', 'updated_at', at) END
  FROM (SELECT n, now() - make_interval(secs => ($3 - n)::float8 / $3 * $4::float8) AS at,
               CASE WHEN ${chance} < 0.55 THEN 'create' WHEN ${chance} < 0.92 THEN 'update' WHEN ${chance} < 0.9998 THEN 'delete'
                    WHEN ${chance} < 0.99992 THEN 'export' ELSE 'truncate' END AS action,
               jsonb_build_object('id', n, 'status', 'open', 'email', 'person-' || n || '@example.com', 'total', n * 1.25,
                                  'name', 'Person ' || n, 'note', repeat('lorem ipsum ', 12)) AS image
          FROM generate_series($1::int, $2::int) AS n) AS entry`;

const chunk = 100_000;

/**
 * Writes entries over so many months up to now, set-based, in the shape that the triggers write them in. Every property is a
 * function of the entry's number, so that two runs measure the same log. The indexes are made afterwards, which takes a
 * fraction of the time; they are those of the installation, read back from the catalog.
 */
export async function writeEntries(
  client: pg.Client,
  count: number,
  months: number,
  transaction = "(100000 + n / 5)::text::xid8",
): Promise<void> {
  await client.query("SET synchronous_commit = off; SET jit = off; SET maintenance_work_mem = '256MB'");
  await client.query("SELECT caretaker.ensure_partitions(1, $1)", [months]);
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `SELECT indexname AS name, pg_get_indexdef(format('caretaker.%I', indexname)::regclass) AS definition
       FROM pg_indexes
      WHERE schemaname = 'caretaker' AND tablename = 'audit_logs' AND indexname <> 'audit_logs_pkey'`,
  );
  for (const { name } of indexes) await client.query(`DROP INDEX caretaker.${pg.escapeIdentifier(name)}`);
  const seconds = (months - 1) * 30.4 * 86_400;
  for (let from = 0; from < count; from += chunk) {
    await client.query(insertSql(transaction), [from, Math.min(from + chunk, count) - 1, count, seconds]);
  }
  for (const { definition } of indexes) await client.query(definition.replace(" ON ONLY ", " ON "));
  await client.query("VACUUM (ANALYZE) caretaker.audit_logs");
}
