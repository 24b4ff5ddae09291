import pg from "pg";

/**
 * How the entries are spread: a few big tenants, tables and users, a long tail, actions that are rare. In the first seventh of the
 * time about a hundred entries are of what is gone since: an action, a table, a tenant and a user that nothing else is of.
 */
const spread = { tables: 24, tenants: 200, users: 2_000, records: 200_000 };

/** SQL of a number in [0, 1) that is a function of `value`, another one for each seed. Not numeric, which takes three times as long. */
function hash(value: string, seed: number): string {
  return `((hashint8extended((${value})::bigint, ${seed}) & 1073741823) / 1073741824::float8)`;
}

/** SQL of a number in [0, count) that favours the first ones the more, the higher the power. */
function skewed(value: string, seed: number, power: number, count: number): string {
  return `(power(${hash(value, seed)}, ${power}) * ${count})::int`;
}

// Three entries share a request and its actor, five a transaction. What is used more than once stands behind a fence, or the planner
// would have it computed at each of its places.
const insertSql = (partition: string, transaction: string) => `
INSERT INTO ${partition} (created_at, id, transaction_id, action, resource_schema, resource_type, resource_id, tenant_id,
                          user_id, request_id, ip_address, user_agent, old_values, new_values, changes)
SELECT at, (floor(extract(epoch FROM at) * 1000)::bigint << 20) | (n & 1048575), ${transaction}, action, 'public',
       CASE WHEN gone THEN 'imports' ELSE 'table_' || ${skewed("n", 1, 3, spread.tables)} END, (${skewed("n", 2, 2, spread.records)})::text,
       CASE WHEN gone THEN 'tenant-gone' ELSE 'tenant-' || ${skewed("n / 3", 3, 3, spread.tenants)} END,
       CASE WHEN gone THEN 'user-gone' WHEN ${hash("n / 3", 6)} > 0.05 THEN 'user-' || ${skewed("n / 3", 4, 2, spread.users)} END,
       md5('request' || n / 3)::uuid::text, ('10.' || (n / 3) % 7 || '.' || (n / 3) % 251 || '.7')::inet, 'Mozilla/5.0 (X11; Linux x86_64)',
       CASE WHEN action IN ('update', 'delete') THEN image END,
       CASE WHEN action = 'create' THEN image END,
       CASE WHEN action = 'update' THEN jsonb_build_object('status', 'paid', 'updated_at', at) END
  FROM (SELECT n, at, gone,
               CASE WHEN gone THEN 'import' WHEN chance < 0.55 THEN 'create' WHEN chance < 0.92 THEN 'update'
                    WHEN chance < 0.9998 THEN 'delete' WHEN chance < 0.99992 THEN 'export' ELSE 'truncate' END AS action,
               jsonb_build_object('id', n, 'status', 'open', 'email', 'person-' || n || '@example.com', 'total', n * 1.25,
                                  'name', 'Person ' || n, 'note', repeat('lorem ipsum ', 12)) AS image
          FROM (SELECT n, $5::timestamptz - make_interval(secs => ($3 - n)::float8 / $3 * $4::float8) AS at, ${hash("n", 5)} AS chance,
                       n < $3 / 7 AND n % ($3 / 700) = 0 AS gone
                  FROM generate_series($1::int, $2::int) AS n OFFSET 0) AS numbered
         WHERE at >= $6 AND at < $7 OFFSET 0) AS entry`;

/**
 * Writes entries over so many months up to now, set-based and straight into each month's partition, in the shape that the triggers
 * write them in. Every property is a function of the entry's number, so that two runs measure the same log. The indexes are made
 * afterwards, which takes a fraction of the time; they are those of the installation, read back from the catalog.
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
      WHERE schemaname = 'caretaker' AND tablename = 'audit_logs_indexed' AND indexname <> 'audit_logs_pkey'`,
  );
  for (const { name } of indexes) await client.query(`DROP INDEX caretaker.${pg.escapeIdentifier(name)}`);
  const now = Date.now();
  const seconds = (months - 1) * 30.4 * 86_400;
  for (const [at, { partition, opens, closes }] of (await monthsOf(client)).entries()) {
    const numberAt = (time: Date) => Math.round(count - ((now - time.getTime()) / 1000 / seconds) * count);
    const first = Math.max(0, numberAt(opens) - 2);
    const last = Math.min(count - 1, numberAt(closes) + 2);
    if (first > last) continue;
    await client.query(`ALTER TABLE ${partition} SET UNLOGGED`);
    await client.query(insertSql(partition, transaction), [first, last, count, seconds, new Date(now), opens, closes]);
    if (at % 12 === 11) console.error(`written up to ${partition}`);
  }
  for (const { name, definition } of indexes) {
    await client.query(definition.replace(" ON ONLY ", " ON "));
    console.error(`indexed ${name}`);
  }
  await client.query("VACUUM (ANALYZE) caretaker.audit_logs");
}

/** Stages as many updates as wait for the worker's next round where 500 single rows are updated a second: like the newest, a moment later. */
export async function stageEntries(client: pg.Client, count: number): Promise<void> {
  const columns = `transaction_id, action, resource_schema, resource_type, resource_id, tenant_id, user_id, request_id, ip_address,
                   user_agent, old_values, new_values, changes, metadata`;
  await client.query(
    `INSERT INTO caretaker.audit_logs_staged (created_at, id, ${columns})
     SELECT created_at + interval '1 microsecond', id + 1, ${columns} FROM caretaker.audit_logs
      WHERE action = 'update' ORDER BY created_at DESC LIMIT $1`,
    [count],
  );
}

interface Month {
  partition: string;
  opens: Date;
  closes: Date;
}

/** Oldest first. */
async function monthsOf(client: pg.Client): Promise<Month[]> {
  const { rows } = await client.query<Month>(
    `SELECT inhrelid::regclass::text AS partition, opens AT TIME ZONE 'UTC' AS opens, (opens + interval '1 month') AT TIME ZONE 'UTC' AS closes
       FROM pg_inherits
       JOIN pg_class ON pg_class.oid = inhrelid AND relname ~ '^audit_logs_\\d{4}_\\d{2}$'
      CROSS JOIN LATERAL (SELECT to_timestamp(right(relname, 7), 'YYYY_MM')::timestamp AS opens) AS month
      WHERE inhparent = 'caretaker.audit_logs_indexed'::regclass ORDER BY relname`,
  );
  return rows;
}
