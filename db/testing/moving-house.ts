import pg from "pg";
import type { Actor } from "../actor.ts";
import { controlPool } from "../control.ts";
import { planMove } from "../moves/plan/plan.ts";
import { completeByTwo } from "../moves/testing/complete.ts";
import { enterTenants } from "../moves/testing/shop.ts";
import { untilState } from "../moves/testing/until.ts";
import { startMove } from "../moves/verbs/start.ts";
import { type Adopted, adoptedDatabase } from "./adopted.ts";

const ddl = `
  CREATE TABLE tenants (id integer PRIMARY KEY, name text NOT NULL);
  CREATE TABLE countries (code text PRIMARY KEY);
  CREATE TABLE clients (
    id integer PRIMARY KEY, tenant_id integer NOT NULL REFERENCES tenants, name text, worth numeric, doc jsonb, country text REFERENCES countries,
    deleted_at timestamptz, shout text GENERATED ALWAYS AS (upper(name)) STORED, UNIQUE (tenant_id, name));
  CREATE TABLE bills (id integer PRIMARY KEY, tenant_id integer NOT NULL, client integer REFERENCES clients ON DELETE CASCADE);
  CREATE TABLE lines (bill integer REFERENCES bills ON DELETE CASCADE, n integer, what text, PRIMARY KEY (bill, n));
  CREATE TABLE calls (id integer PRIMARY KEY, tenant_id integer NOT NULL, client integer REFERENCES clients ON DELETE SET NULL);
  INSERT INTO countries VALUES ('at');
  INSERT INTO tenants VALUES (1, 'One'), (2, 'Two');
  INSERT INTO clients SELECT t * 100 + n, t, 'Client ' || n, 12345678901234567890.123456789, '{"big": 9007199254740993}', 'at'
    FROM generate_series(1, 2) t, generate_series(1, 20) n;
  INSERT INTO bills SELECT id * 10 + n, tenant_id, id FROM clients, generate_series(1, 2) n;
  INSERT INTO lines SELECT id, n, 'line ' || n FROM bills, generate_series(1, 2) n;
  INSERT INTO calls SELECT id, tenant_id, id FROM clients;`;

const toBills = [{ schema: "public", table: "bills", columns: ["bill"], parentColumns: ["id"] }];
const byColumn = {
  ...{ class: "tenant" as const, tenantColumn: "tenant_id" },
  tenant: { kind: "column" as const, column: "tenant_id" },
};

interface Lives {
  database: string;
  name: string;
  schema: string;
}

/** An application with two tenants in shared tables, of which the one with the key 1 moves about. */
export interface MovingHouse {
  home: Adopted;
  /** Where the tenant lives now. */
  lives(): Promise<Lives>;
  /** Asks the database in which it lives, with its tables in reach. */
  there<Row extends object>(text: string): Promise<Row[]>;
  /** Moves it, and leaves nothing of it where it was; `between`, its copy still stands there. */
  move(actor: Actor, tier: "shared" | "schema" | "database", between?: () => Promise<void>): Promise<void>;
}

export async function openHouse(): Promise<MovingHouse> {
  const home = await adoptedDatabase(
    ddl,
    {
      tenants: { class: "tenant", tenantColumn: "id", tenant: { kind: "self", column: "id" } },
      clients: { ...byColumn, softDelete: { column: "deleted_at", kind: "timestamp" } },
      bills: byColumn,
      calls: byColumn,
      lines: { class: "child", tenantPath: toBills, tenant: { kind: "path", steps: toBills, column: "tenant_id" } },
    },
    { tenantsTable: { schema: "public", table: "tenants", key: "id", name: "name", slug: null } },
  );
  await home.client.query("SELECT caretaker.ensure_partitions(1)");
  const tenantId = (await enterTenants(home.id, 2)).get("1") ?? "";
  const lives = () => livesIn(tenantId);
  return {
    home,
    lives,
    there: async (text) => ask(home, await lives(), text),
    async move(actor, tier, between = async () => {}) {
      const input = { tenantId, tier };
      const { hash } = await planMove(actor, input);
      const { moveId } = await startMove(actor, { ...input, planHash: hash, cutover: "ready", graceHours: 0 });
      await untilState(moveId, "moved");
      await between();
      await completeByTwo(moveId);
      await untilState(moveId, "completed");
    },
  };
}

async function livesIn(tenantId: string): Promise<Lives> {
  const { rows } = await controlPool().query<Lives>(
    `SELECT p.database_id AS database, d.name, p.schema FROM placements AS p JOIN databases AS d ON d.id = p.database_id
      WHERE p.tenant_id = $1 AND p.state = 'open'`,
    [tenantId],
  );
  const [place] = rows;
  if (!place) throw new Error("The tenant lives nowhere.");
  return place;
}

async function ask<Row extends object>(home: Adopted, { name, schema }: Lives, text: string): Promise<Row[]> {
  const url = new URL(home.url);
  url.pathname = `/${name}`;
  const client = new pg.Client(url.href);
  await client.connect();
  try {
    await client.query(`SET search_path = ${pg.escapeIdentifier(schema)}`);
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}
