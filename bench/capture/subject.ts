import pg from "pg";
import { captureStatements } from "#db/managed/capture.ts";
import { installStatements } from "#db/managed/install.ts";
import { readTables } from "#db/managed/read-tables.ts";
import { sourceTable } from "./source.ts";
import { textbook } from "./textbook.ts";

export const variants = ["none", "textbook", "caretaker"] as const;

export type Variant = (typeof variants)[number];

/** One way of auditing, in a database of its own. */
export interface Subject {
  variant: Variant;
  url: string;
  client: pg.Client;
  /** Size of its log in bytes, with indexes and TOAST. */
  logBytes(): Promise<number>;
  drop(): Promise<void>;
}

export async function makeSubject(server: URL, variant: Variant): Promise<Subject> {
  const name = `bench_capture_${variant}`;
  const admin = new pg.Client(server.href);
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const client = new pg.Client(url.href);
  await client.connect();
  await install(client, variant);
  const drop = async () => {
    await client.end();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  };
  return { variant, url: url.href, client, logBytes: () => logBytes(client, variant), drop };
}

async function install(client: pg.Client, variant: Variant): Promise<void> {
  await client.query(sourceTable);
  const { rows } = await client.query<{ owner: string }>("SELECT current_user AS owner");
  for (const { sql } of installStatements({ owner: rows[0]?.owner ?? "", createRoles: false })) await client.query(sql);
  if (variant === "textbook") await client.query(textbook);
  if (variant === "caretaker") {
    for (const table of await readTables(client, "public")) {
      const tenant = { kind: "column", column: "tenant_id" } as const;
      for (const { sql } of captureStatements({ ...table, masked: [], ignored: [], tenant })) await client.query(sql);
    }
  }
  await client.query(`SET synchronous_commit = off; ${context}`);
}

/** All of them know who acts, as a well-behaved application tells them. */
export const context = `
  SET app.current_user_id = '0b0f4a52-4f0c-4b6e-9c55-2f1f6f0a0001';
  SET app.current_tenant_id = '6f1b2f0e-6a0b-4f6e-9d5c-0c7a2c1f0001';
  SET app.ip_address = '203.0.113.77';
  SET app.user_agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  SET app.request_id = '1f2e3d4c-5b6a-4798-8a9b-0c1d2e3f4a5b'`;

async function logBytes(client: pg.Client, variant: Variant): Promise<number> {
  const schema = variant === "textbook" ? "textbook" : "caretaker";
  const { rows } = await client.query<{ bytes: string }>(
    `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::text AS bytes
       FROM pg_class c WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' AND c.relname LIKE 'audit_logs%'`,
    [schema],
  );
  return Number(rows[0]?.bytes);
}
