import { randomUUID } from "node:crypto";
import pg from "pg";
import { installStatements } from "../../managed/install.ts";
import { type Address, gateStatement, takeMove } from "../../managed/moving/gate.ts";
import type { MovingTable } from "../../managed/moving/table.ts";
import { freshDatabase } from "../../testing/databases.ts";
import { registerDatabase } from "../../testing/register.ts";
import { guardReads, hangTriggers, makeNotes } from "../capture/install.ts";
import type { End, Pair } from "../pair.ts";
import { openSession, type Session } from "../session.ts";

const ddl = `
  CREATE TABLE tenants (id int PRIMARY KEY, name text);
  CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant_id int NOT NULL, note text,
                       slug text, doc jsonb, twice int GENERATED ALWAYS AS (tenant_id * 2) STORED, UNIQUE (tenant_id, slug));
  CREATE TABLE lines (order_id bigint REFERENCES orders ON DELETE CASCADE, n int, what text, PRIMARY KEY (order_id, n));
  INSERT INTO tenants VALUES (7, 'Seven'), (8, 'Eight');
  INSERT INTO orders (tenant_id, note, slug, doc) SELECT 7 + n % 2, 'note ' || n, 's' || n, '{"a": 1}' FROM generate_series(1, 2000) n;
  INSERT INTO lines SELECT id, l, 'x' FROM orders, generate_series(1, 2) l;`;

const key = (name: string, type: string) => ({ name, type });
export const tables: MovingTable[] = [
  {
    ordinal: 0,
    name: "orders",
    keys: [key("id", "bigint")],
    columns: ["id", "tenant_id", "note", "slug", "doc"],
    binary: true,
    tenant: { column: "tenant_id", type: "integer", steps: [] },
  },
  {
    ordinal: 1,
    name: "lines",
    keys: [key("order_id", "bigint"), key("n", "integer")],
    columns: ["order_id", "n", "what"],
    binary: true,
    tenant: {
      column: "tenant_id",
      type: "integer",
      steps: [{ schema: "public", table: "orders", columns: ["order_id"], parentColumns: ["id"] }],
    },
  },
];

/** Two places with a gate each, made by hand: the engine without the jobs and the plan around it. */
export interface Stage {
  pair: Pair;
  /** Connected as the application, which is not the mover. */
  source: pg.Client;
  target: pg.Client;
  close(): Promise<void>;
}

export const never = new AbortController().signal;

async function prepare(url: string, schema: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query<{ owner: string }>("SELECT current_user AS owner");
  for (const { sql } of installStatements({ owner: rows[0]?.owner ?? "", createRoles: false })) await client.query(sql);
  if (schema !== "public") {
    await client.query(`CREATE SCHEMA ${schema}; GRANT USAGE ON SCHEMA ${schema} TO PUBLIC;
      CREATE TABLE ${schema}.orders (LIKE public.orders INCLUDING ALL);
      CREATE TABLE ${schema}.lines (LIKE public.lines INCLUDING ALL, FOREIGN KEY (order_id) REFERENCES ${schema}.orders ON DELETE CASCADE)`);
  }
  await client.query(
    `GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO PUBLIC; GRANT ALL ON ALL SEQUENCES IN SCHEMA ${schema} TO PUBLIC`,
  );
  await client.end();
}

async function application(url: string, role: string): Promise<pg.Client> {
  const admin = new pg.Client(url);
  await admin.connect();
  const password = pg.escapeLiteral(decodeURIComponent(new URL(url).password));
  await admin.query(
    `DO $$ BEGIN CREATE ROLE ${role} LOGIN PASSWORD ${password}; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$`,
  );
  await admin.end();
  const app = new URL(url);
  app.username = role;
  const client = new pg.Client(app.href);
  client.on("error", () => {});
  await client.connect();
  return client;
}

export async function openStage(other: "schema" | "database"): Promise<Stage> {
  const moveId = randomUUID();
  const url = await freshDatabase();
  const admin = new pg.Client(url);
  await admin.connect();
  await admin.query(ddl);
  await admin.end();
  await prepare(url, "public");
  const targetUrl = other === "schema" ? url : await freshDatabase();
  if (other === "schema") await prepare(url, "t_7");
  else {
    const client = new pg.Client(targetUrl);
    await client.connect();
    await client.query(ddl);
    await client.query("TRUNCATE orders, lines");
    await client.end();
    await prepare(targetUrl, "public");
  }
  const a = await openSession(await registerDatabase(url), moveId);
  const b = other === "schema" ? a : await openSession(await registerDatabase(targetUrl), moveId);
  const address = (schema: string): Address => ({
    tenant: "7",
    tier: schema === "public" ? "shared" : "schema",
    host: "127.0.0.1",
    port: 1,
    database: other,
    schema,
  });
  const standing = { moveId, tenantKey: "7" };
  const target = other === "schema" ? "t_7" : "public";
  const from: End = {
    client: a.client,
    standing: { ...standing, side: "a", schema: "public", shared: true },
    address: address("public"),
  };
  const to: End = {
    client: b.client,
    standing: { ...standing, side: "b", schema: target, shared: false },
    address: { ...address("t_7"), schema: target },
  };
  const pair: Pair = { moveId, moveNumber: 3, epoch: 1, from, to, tables, outside: [], signal: never };
  await takeMove(a.client, moveId, 1);
  await takeMove(b.client, moveId, 1);
  await a.client.query(gateStatement(from.standing, "open", from.address, {}).sql);
  await b.client.query(gateStatement(to.standing, "importing", from.address, {}).sql);
  await makeNotes(from, tables, a.role);
  await makeNotes(to, tables, b.role);
  await hangTriggers(from, tables, never);
  await hangTriggers(to, tables, never);
  await guardReads(to, tables, {}, never);
  const sessions: Session[] = other === "schema" ? [a] : [a, b];
  const [source, far] = [await application(url, "shopper"), await application(targetUrl, "shopper")];
  return {
    pair,
    source,
    target: far,
    async close() {
      for (const one of sessions) await one.close();
      await source.end();
      await far.end();
    },
  };
}
