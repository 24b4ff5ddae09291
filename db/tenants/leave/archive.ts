import type pg from "pg";
import type { Actor } from "../../actor.ts";
import { inDatabase } from "../../fleet.ts";
import { readDefinition } from "../../managed/definition/read.ts";
import { definitionStatements } from "../../managed/definition/statements.ts";
import { identifier, relation, type Statement } from "../../managed/statement.ts";
import { limits } from "../../transaction.ts";
import { atHome, hasOwnRow, ownRow, readOwnRow } from "./own-row.ts";
import { type LivingTenant, speakPlainly, type Tally, type TenantTable, tablesOf, tally } from "./tables.ts";
import { type GrowingFile, type StoredFile, storeFile } from "./write-file.ts";

export interface Archived extends StoredFile {
  tables: Record<string, Tally>;
  rows: number;
}

/** Ends each statement of the file, so that it can be read back statement by statement. */
const statementEnd = ";\n--;";

/**
 * Writes a tenant as SQL that psql restores without this console: its tables' definition, its rows as COPY, its keys. All as it is at
 * one moment, with each table's rows counted and summed up by hashes in that same moment. The row that lists it is among them, read
 * beside that moment where it lies in another database.
 */
export async function writeArchive(actor: Actor, tenant: LivingTenant): Promise<Archived> {
  const tables: Record<string, Tally> = {};
  const stored = await storeFile(tenant.id, "sql", (file) =>
    inDatabase(actor, tenant.databaseId, (client) => writeAll(client, file, tenant, tables), {
      isolation: "REPEATABLE READ",
      limits: limits.long,
    }),
  );
  return { ...stored, tables, rows: Object.values(tables).reduce((sum, one) => sum + one.rows, 0) };
}

async function writeAll(
  client: pg.PoolClient,
  file: GrowingFile,
  tenant: LivingTenant,
  tallies: Record<string, Tally>,
): Promise<void> {
  await client.query("SET LOCAL row_security = off");
  await speakPlainly(client);
  const tables = await tablesOf(tenant);
  const { before, after } = await defineAll(client, tenant, tables);
  await file.line(
    `-- Caretaker: tenant ${JSON.stringify(tenant.key)}, archived from ${JSON.stringify(tenant.databaseName)}`,
  );
  await file.line(`SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'${statementEnd}`);
  for (const { sql } of before) await file.line(`${sql}${statementEnd}`);
  await readOwnRow(client, tenant, (where) => writeTable(where, file, ownRow(tenant), tallies));
  for (const table of tables) await writeTable(client, file, table, tallies);
  for (const { sql } of after) await file.line(`${sql}${statementEnd}`);
}

async function writeTable(
  client: pg.PoolClient,
  file: GrowingFile,
  table: TenantTable,
  tallies: Record<string, Tally>,
): Promise<void> {
  const name = relation(table.schema, table.name);
  const { rows } = await client.query<{ name: string }>(
    `SELECT a.attname AS name FROM pg_attribute a
      WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum`,
    [name],
  );
  const columns = rows.map((row) => identifier(row.name)).join(", ");
  const mine = rows.map((row) => `caretaker_row.${identifier(row.name)}`).join(", ");
  tallies[`${table.schema}.${table.name}`] = await tally(client, table);
  await file.line(`COPY ${name} (${columns}) FROM stdin;`);
  await file.copy(client, `COPY (SELECT ${mine} FROM ${name} caretaker_row WHERE ${table.condition}) TO STDOUT`);
  await file.line("\\.");
}

interface Definitions {
  before: Statement[];
  after: Statement[];
}

/** What both databases need alike, such as a type, is made once. */
async function defineAll(
  client: pg.PoolClient,
  tenant: LivingTenant,
  tables: readonly TenantTable[],
): Promise<Definitions> {
  const own = ownRow(tenant);
  if (await hasOwnRow(client, tenant)) return await definitionOf(client, [own, ...tables], own);
  const home = await atHome(tenant, (where) => definitionOf(where, [own], own));
  const place = await definitionOf(client, tables, own);
  const before = new Map([...home.before, ...place.before].map((statement) => [statement.sql, statement]));
  return { before: [...before.values()], after: [...home.after, ...place.after] };
}

/** In the schemas where the tables are, with what leads out of them left out: an archive stands alone. */
async function definitionOf(
  client: pg.ClientBase,
  tables: readonly TenantTable[],
  own: TenantTable,
): Promise<Definitions> {
  const before = new Map<string, Statement>();
  const after: Statement[] = [];
  for (const schema of new Set(tables.map((table) => table.schema))) {
    const names = tables.filter((table) => table.schema === schema).map((table) => table.name);
    const definition = await readDefinition(client, { schema, tables: names });
    const plain = {
      ...definition,
      views: [],
      late: [],
      schemaGrants: [],
      sequences: definition.sequences.map((one) => ({ ...one, grants: [] })),
      tables: definition.tables.map((table) => ({
        ...table,
        grants: [],
        triggers: [],
        policies: [],
        // The row that lists the tenant may lead to another tenant's, which is not here.
        foreignKeys: schema === own.schema && table.name === own.name ? [] : table.foreignKeys,
        rowSecurity: { enabled: false, forced: false },
      })),
    };
    const made = definitionStatements(plain, {
      schema,
      elsewhere: true,
      sequences: "own",
      tenant: null,
      destination: null,
    });
    for (const statement of made.before) before.set(statement.sql, statement);
    const later = [...made.keys, ...made.foreignKeys, ...made.after];
    after.push(...later.filter(({ lock, object }) => lock === "none" && !object.startsWith("owner of ")));
  }
  const withoutOwners = [...before.values()].filter(({ object }) => !object.startsWith("owner of "));
  return { before: withoutOwners, after };
}
