import pg from "pg";
import { control } from "../control.ts";
import { captureStatements, type TenantSource } from "../managed/capture.ts";
import { installStatements } from "../managed/install.ts";
import { readTables } from "../managed/read-tables.ts";
import { type databases, managedTables } from "../schema/fleet.ts";
import { freshDatabase } from "./databases.ts";
import { registerDatabase } from "./register.ts";

export interface Adopted {
  id: string;
  url: string;
  /** Connected as the owner, outside the console. */
  client: pg.Client;
}

export type ManagedChoice = Partial<typeof managedTables.$inferInsert> & { tenant?: TenantSource; schema?: string };

/** A database with the given tables, registered, installed and captured; `choices` are what an administrator would confirm. */
export async function adoptedDatabase(
  ddl: string,
  choices: Record<string, ManagedChoice> = {},
  more: Partial<typeof databases.$inferInsert> = {},
): Promise<Adopted> {
  const url = await freshDatabase();
  const id = await registerDatabase(url, more);
  return adoptTables(url, id, ddl, choices);
}

/** Makes the tables in a registered database, and installs and captures as adoption does. */
export async function adoptTables(
  url: string,
  id: string,
  ddl: string,
  choices: Record<string, ManagedChoice>,
): Promise<Adopted> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(ddl);
  const { rows } = await client.query<{ owner: string }>("SELECT current_user AS owner");
  const install = installStatements({ owner: rows[0]?.owner ?? "", createRoles: false });
  for (const { sql } of install) await client.query(sql);
  const { rows: schemas } = await client.query<{ name: string }>(
    "SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'caretaker')",
  );
  for (const { name } of schemas) {
    for (const table of await readTables(client, name)) await capture(client, id, table, choices[table.name] ?? {});
  }
  return { id, url, client };
}

/** Captures one more table, made after adoption; the console is not told of it. */
export async function captureTable(client: pg.Client, name: string): Promise<void> {
  const table = (await readTables(client, "public")).find((one) => one.name === name);
  if (!table) throw new Error(`There is no table ${name}.`);
  for (const { sql } of captureStatements({ ...table, masked: [], ignored: [], tenant: null })) await client.query(sql);
}

async function capture(
  client: pg.Client,
  databaseId: string,
  table: Awaited<ReturnType<typeof readTables>>[number],
  { tenant, ...choice }: ManagedChoice,
): Promise<void> {
  const masked = choice.maskedColumns ?? [];
  const statements = captureStatements({
    ...table,
    masked,
    ignored: choice.ignoredColumns ?? [],
    tenant: tenant ?? null,
  });
  for (const { sql } of statements) await client.query(sql);
  await control()
    .insert(managedTables)
    .values({
      databaseId,
      schema: table.schema,
      name: table.name,
      class: "reference",
      reason: "Made for a test.",
      primaryKey: table.primaryKey,
      audited: true,
      maskedColumns: masked,
      ignoredColumns: [],
      ...choice,
    });
}
