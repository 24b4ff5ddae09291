import type pg from "pg";
import { inDatabase } from "../../fleet.ts";
import { identifier, relation } from "../../managed/statement.ts";
import { limits } from "../../transaction.ts";
import { defineAll } from "./dump-definition.ts";
import { ownRow, readOwnRow } from "./own-row.ts";
import { type LivingTenant, nameOf, speakPlainly, type Tally, type TenantTable, tablesOf, tally } from "./tables.ts";
import { type GrowingFile, type StoredFile, storeFile, type Writer } from "./write-file.ts";

export interface Dumped extends StoredFile {
  tables: Record<string, Tally>;
  rows: number;
  /** The tables once more: where a name holds a dot, "schema.table" does not say which part of it is which. */
  places: Pick<TenantTable, "schema" | "name">[];
}

/** Ends each statement of the file, so that it can be read back statement by statement. */
const statementEnd = ";\n--;";

/** Whatever the reader's terminal and database say. Bodies of functions may name tables that are made later. */
const settings = [
  "SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; SET check_function_bodies = off",
  "SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'",
].join(";\n");

/**
 * Writes a tenant as SQL that psql restores without this console: its tables' definition, its rows as COPY, its keys. All as it is at
 * one moment, with each table's rows counted and summed up by hashes in that same moment. The row that lists it is among them, read
 * beside that moment where it lies in another database.
 */
export async function writeDump(writer: Writer, tenant: LivingTenant): Promise<Dumped> {
  const tables: Record<string, Tally> = {};
  const places: Dumped["places"] = [];
  const stored = await storeFile(writer, tenant.id, "sql", (file) =>
    inDatabase(writer.actor, tenant.databaseId, (client) => writeAll(client, file, tenant, { tables, places }), {
      isolation: "REPEATABLE READ",
      limits: limits.bulk,
      signal: writer.signal,
    }),
  );
  return { ...stored, tables, places, rows: Object.values(tables).reduce((sum, one) => sum + one.rows, 0) };
}

async function writeAll(
  client: pg.PoolClient,
  file: GrowingFile,
  tenant: LivingTenant,
  { tables: tallies, places }: Pick<Dumped, "tables" | "places">,
): Promise<void> {
  await client.query("SET LOCAL row_security = off");
  await speakPlainly(client);
  const tables = await tablesOf(tenant);
  const { before, after } = await defineAll(client, tenant, tables);
  let expected = 1;
  for (const table of tables) {
    const counted = await tally(client, table);
    tallies[nameOf(table)] = counted;
    expected += counted.rows;
  }
  file.expect(expected);
  await file.line(`-- Caretaker: tenant ${JSON.stringify(tenant.key)} of ${JSON.stringify(tenant.databaseName)}`);
  await file.line("\\set ON_ERROR_STOP on");
  await file.line(`${settings}${statementEnd}`);
  for (const { sql } of before) await file.line(`${sql}${statementEnd}`);
  const own = ownRow(tenant);
  await readOwnRow(client, tenant, async (where) => {
    tallies[nameOf(own)] = await tally(where, own);
    await writeTable(where, file, own);
  });
  for (const table of tables) await writeTable(client, file, table);
  places.push(...[own, ...tables].map(({ schema, name }) => ({ schema, name })));
  for (const { sql } of after) await file.line(`${sql}${statementEnd}`);
}

async function writeTable(client: pg.PoolClient, file: GrowingFile, table: TenantTable): Promise<void> {
  const name = relation(table.schema, table.name);
  const { rows } = await client.query<{ name: string }>(
    `SELECT a.attname AS name FROM pg_attribute a
      WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum`,
    [name],
  );
  const columns = rows.map((row) => identifier(row.name)).join(", ");
  const mine = rows.map((row) => `caretaker_row.${identifier(row.name)}`).join(", ");
  await file.line(`COPY ${name} (${columns}) FROM stdin;`);
  await file.copy(
    client,
    nameOf(table),
    `COPY (SELECT ${mine} FROM ${name} caretaker_row WHERE ${table.condition}) TO STDOUT`,
  );
  await file.line("\\.");
}
