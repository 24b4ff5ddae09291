import type pg from "pg";
import { captureStatements } from "#db/managed/capture.ts";
import { installStatements } from "#db/managed/install.ts";
import { readTables } from "#db/managed/read-tables.ts";

/** The tables whose rows are restored, parents first: customers have orders, orders have lines and parcels, and so on. */
const graph = ["customers", "addresses", "orders", "lines", "parcels", "events", "notes", "tags"] as const;

const others = Array.from({ length: 42 }, (_, at) => `other_${String(at + 1).padStart(2, "0")}`);

const columns = "name text, body text, amount numeric(12,2), made_at timestamptz DEFAULT now()";

const ddl = `
  CREATE TABLE customers (id bigint PRIMARY KEY, slug text UNIQUE, ${columns});
  CREATE TABLE addresses (id bigint PRIMARY KEY, parent bigint REFERENCES customers ON DELETE CASCADE, ${columns});
  CREATE TABLE orders (id bigint PRIMARY KEY, parent bigint REFERENCES customers ON DELETE CASCADE, ${columns});
  ${graph
    .slice(3)
    .map(
      (name) =>
        `CREATE TABLE ${name} (id bigint PRIMARY KEY, parent bigint REFERENCES orders ON DELETE CASCADE, ${columns});`,
    )
    .join("\n  ")}
  ${graph
    .slice(1)
    .map((name) => `CREATE INDEX ON ${name} (parent);`)
    .join(" ")}
  ${others.map((name) => `CREATE TABLE ${name} (id bigint PRIMARY KEY, ${columns});`).join("\n  ")}`;

/** Makes 50 captured tables, and enters `rows` removals of other rows into the log, a hundred to a transaction of the far future. */
export async function fillDeleted(client: pg.Client, rows: number): Promise<void> {
  await client.query(ddl);
  const { rows: owner } = await client.query<{ owner: string }>("SELECT current_user AS owner");
  for (const { sql } of installStatements({ owner: owner[0]?.owner ?? "", createRoles: false }))
    await client.query(sql);
  for (const table of await readTables(client, "public")) {
    const captured = { ...table, masked: [], ignored: [], tenant: null };
    for (const { sql } of captureStatements(captured)) await client.query(sql);
  }
  await client.query(
    `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action, resource_schema, resource_type, resource_id, old_values)
     SELECT t.at, floor(date_part('epoch', t.at) * 1000)::bigint << 20 | (n & 1048575), (1000000000 + n / 100)::text::xid8, 'delete', 'public',
            ($2::text[])[1 + n % cardinality($2::text[])], n::text,
            jsonb_build_object('id', n, 'name', 'Row ' || n, 'body', repeat('x', 60), 'amount', 12.50, 'made_at', t.at)
       FROM generate_series(1, $1::int) AS n, LATERAL (SELECT now() - n * interval '10 ms' AS at) AS t`,
    [rows, [...graph, ...others]],
  );
  await client.query("ANALYZE caretaker.audit_logs");
}

/** Makes a family of so many rows over the eight tables of the graph, and deletes it in one transaction. */
export async function deleteFamily(client: pg.Client, rows: number): Promise<string> {
  const each = Math.floor(rows / graph.length);
  const row = (extra: string) => `${extra}, 'Row ' || n, repeat('x', 60), 12.50, now()`;
  await client.query("BEGIN");
  await client.query(
    `INSERT INTO customers SELECT ${row("10000000 + n, 'slug ' || n")} FROM generate_series(1, ${each}) n`,
  );
  for (const name of graph.slice(1)) {
    await client.query(
      `INSERT INTO ${name} SELECT ${row("10000000 + n, 10000000 + n")} FROM generate_series(1, ${each}) n`,
    );
  }
  await client.query("COMMIT");
  for (const name of graph) await client.query(`ANALYZE ${name}`);
  await client.query("BEGIN");
  const { rows: xact } = await client.query<{ xact: string }>("SELECT pg_current_xact_id()::text AS xact");
  for (const name of graph.toReversed()) await client.query(`DELETE FROM ${name} WHERE id > 10000000`);
  await client.query("COMMIT");
  return xact[0]?.xact ?? "";
}
