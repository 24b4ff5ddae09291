import { randomBytes } from "node:crypto";
import pg from "pg";
import { freshDatabase } from "../../testing/databases.ts";
import { type CapturedTable, captureStatements } from "../capture.ts";
import { installStatements } from "../install.ts";
import { readTables } from "../read-tables.ts";

export type Choice = Partial<Pick<CapturedTable, "masked" | "ignored" | "tenant">>;

/** One entry as the tests look at it. */
export interface Entry {
  id: string;
  action: string;
  resource_schema: string | null;
  resource_type: string | null;
  resource_id: string | null;
  tenant_id: string | null;
  user_id: string | null;
  ip_address: string | null;
  user_agent: string | null;
  request_id: string | null;
  transaction_id: string;
  old_values: Record<string, unknown> | null;
  new_values: Record<string, unknown> | null;
  changes: Record<string, unknown> | null;
  metadata: Record<string, unknown> | null;
}

export class CapturedDatabase {
  readonly url: string;
  readonly client: pg.Client;
  private readonly roles: { role: string; client: pg.Client }[] = [];

  private constructor(url: string) {
    this.url = url;
    this.client = new pg.Client({ connectionString: url, application_name: "tests" });
  }

  /** A database with Caretaker installed and every table of `public` captured. */
  static async make(ddl: string, choices: Record<string, Choice> = {}): Promise<CapturedDatabase> {
    const database = new CapturedDatabase(await freshDatabase());
    await database.client.connect();
    await database.client.query(ddl);
    await database.run(installStatements({ owner: "postgres", createRoles: false }));
    for (const table of await readTables(database.client, "public"))
      await database.capture(table.name, choices[table.name]);
    return database;
  }

  async capture(name: string, choice: Choice = {}): Promise<void> {
    const table = (await readTables(this.client, "public")).find((candidate) => candidate.name === name);
    if (!table) throw new Error(`There is no table ${name}.`);
    await this.run(captureStatements({ ...table, masked: [], ignored: [], tenant: null, ...choice }));
  }

  async run(statements: { sql: string }[]): Promise<void> {
    for (const { sql } of statements) await this.client.query(sql);
  }

  /** What the statements recorded, oldest first. */
  async recorded(...statements: string[]): Promise<Entry[]> {
    const { rows: last } = await this.client.query<{ id: string }>(
      "SELECT coalesce(max(id), 0)::text AS id FROM caretaker.audit_logs",
    );
    for (const sql of statements) await this.client.query(sql);
    const { rows } = await this.client.query<Entry>(
      "SELECT *, host(ip_address) AS ip_address FROM caretaker.audit_logs WHERE id > $1 ORDER BY created_at, id",
      [last[0]?.id],
    );
    return rows;
  }

  /** Makes a role that may log in, and connects as it. */
  async newRole(grants: (role: string) => string = () => ""): Promise<{ role: string; client: pg.Client }> {
    const role = `tester_${randomBytes(4).toString("hex")}`;
    const url = new URL(this.url);
    url.username = role;
    url.password = randomBytes(12).toString("hex");
    await this.client.query(`CREATE ROLE ${role} LOGIN PASSWORD '${url.password}'; ${grants(role)}`);
    const client = new pg.Client(url.href);
    await client.connect();
    this.roles.push({ role, client });
    return { role, client };
  }

  async close(): Promise<void> {
    for (const { role, client } of this.roles) {
      await client.end();
      await this.client.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
    }
    await this.client.end();
  }
}
