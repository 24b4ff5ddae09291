import { randomBytes } from "node:crypto";
import pg from "pg";
import { controlPool } from "../control.ts";
import { installStatements } from "../managed/install.ts";
import { rowSecurityStatements } from "../managed/row-security.ts";
import { freshDatabase } from "../testing/databases.ts";
import { registerDatabase } from "../testing/register.ts";

export interface Shop {
  databaseId: string;
  url: string;
  /** The same database, as its application connects. */
  applicationUrl: string;
  client: pg.Client;
}

/** A small application with awkward names that nobody here would choose, adopted by hand, with its role under row security. */
export async function openShop(options: { rowSecurity: boolean }): Promise<Shop> {
  const url = await freshDatabase();
  const client = new pg.Client(url);
  await client.connect();
  const role = `shop_${randomBytes(6).toString("hex")}`;
  const application = new URL(url);
  const password = client.escapeLiteral(decodeURIComponent(application.password));
  application.username = role;
  await client.query(`
    CREATE ROLE ${role} LOGIN PASSWORD ${password};
    CREATE SCHEMA "My App";
    CREATE TYPE "My App"."Plan" AS ENUM ('free', 'paid');
    CREATE TABLE "My App"."Organization" (
      id uuid PRIMARY KEY,
      "displayName" text NOT NULL UNIQUE,
      "order" text NOT NULL UNIQUE,
      plan "My App"."Plan" NOT NULL,
      "updatedAt" timestamptz NOT NULL,
      seats int NOT NULL DEFAULT 5,
      "nameLength" int GENERATED ALWAYS AS (length("displayName")) STORED
    );
    CREATE TABLE "My App".orders (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      "orgId" uuid NOT NULL REFERENCES "My App"."Organization",
      note text
    );
    CREATE TABLE "My App".lines (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      order_id bigint NOT NULL REFERENCES "My App".orders
    );
    GRANT USAGE ON SCHEMA "My App" TO ${role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "My App" TO ${role}`);
  for (const { sql } of installStatements({ owner: new URL(url).username, createRoles: false }))
    await client.query(sql);
  if (options.rowSecurity) {
    const orders = { schema: "My App", name: "orders", tenantColumn: "orgId", tenantType: "uuid" };
    for (const { sql } of rowSecurityStatements(orders, role)) await client.query(sql);
  }
  const databaseId = await registerDatabase(url, {
    applicationRole: role,
    tenantsTable: { schema: "My App", table: "Organization", key: "id", name: "displayName", slug: "order" },
  });
  await controlPool().query(
    `INSERT INTO managed_tables
       (database_id, schema, name, class, reason, tenant_column, tenant_path, primary_key, audited, masked_columns, ignored_columns)
     VALUES
       ($1, 'My App', 'Organization', 'tenant', 'It lists the tenants.', 'id', '[]', '{id}', true, '{}', '{}'),
       ($1, 'My App', 'orders', 'tenant', 'It has the key.', 'orgId', '[]', '{id}', true, '{}', '{}'),
       ($1, 'My App', 'lines', 'child', 'Through orders.', NULL,
        '[{"schema": "My App", "table": "orders", "columns": ["order_id"], "parentColumns": ["id"]}]', '{id}', true, '{}', '{}')`,
    [databaseId],
  );
  return { databaseId, url, applicationUrl: application.href, client };
}
