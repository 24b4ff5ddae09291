import type pg from "pg";
import type { Definition } from "../../managed/definition/definition.ts";
import { readDefinition } from "../../managed/definition/read.ts";
import { made } from "../../managed/definition/render/made.ts";
import { sequenceOptions } from "../../managed/definition/render/sequences.ts";
import { definitionStatements } from "../../managed/definition/statements.ts";
import { identifier, literal, relation, type Statement } from "../../managed/statement.ts";
import { atHome, hasOwnRow, ownRow } from "./own-row.ts";
import type { LivingTenant, TenantTable } from "./tables.ts";

/** What makes a tenant's tables in an empty database, before and after their rows. */
export interface DumpDefinition {
  before: Statement[];
  after: Statement[];
}

/** What both databases need alike, such as a type, is made once. */
export async function defineAll(
  client: pg.ClientBase,
  tenant: LivingTenant,
  tables: readonly TenantTable[],
): Promise<DumpDefinition> {
  const own = ownRow(tenant);
  if (await hasOwnRow(client, tenant)) return await definitionOf(client, [own, ...tables], own);
  const home = await atHome(tenant, (where) => definitionOf(where, [own], own));
  const place = await definitionOf(client, tables, own);
  return { before: unique([...home.before, ...place.before]), after: [...home.after, ...place.after] };
}

/** In the schemas where the tables are, with what leads out of them left out: a dump stands alone. */
async function definitionOf(
  client: pg.ClientBase,
  tables: readonly TenantTable[],
  own: TenantTable,
): Promise<DumpDefinition> {
  const before: Statement[] = [];
  const after: Statement[] = [];
  for (const schema of new Set(tables.map((table) => table.schema))) {
    const names = tables.filter((table) => table.schema === schema).map((table) => table.name);
    const definition = await readDefinition(client, { schema, tables: names });
    const made = definitionStatements(alone(definition, own), {
      schema,
      elsewhere: true,
      sequences: "own",
      tenant: null,
      destination: null,
    });
    before.push(...drawnFrom(definition), ...made.before);
    after.push(...(await numbersOf(client, definition)), ...made.keys, ...made.foreignKeys, ...made.after);
  }
  const withoutOwners = before.filter(({ object }) => !object.startsWith("owner of "));
  return {
    before: unique(withoutOwners),
    after: after.filter(({ lock, object }) => lock === "none" && !object.startsWith("owner of ")),
  };
}

/** Without what another server need not have, and what would hinder or change rows that are restored. */
function alone(definition: Definition, own: TenantTable): Definition {
  return {
    ...definition,
    views: [],
    late: [],
    schemaGrants: [],
    sequences: definition.sequences.map((one) => ({ ...one, grants: [] })),
    functions: definition.functions.map((one) => ({
      ...one,
      grants: one.grants.filter(({ grantee }) => grantee === null),
    })),
    tables: definition.tables.map((table) => ({
      ...table,
      grants: [],
      triggers: [],
      policies: [],
      // The row that lists the tenant may lead to another tenant's, which is not here.
      foreignKeys: definition.schema === own.schema && table.name === own.name ? [] : table.foreignKeys,
      rowSecurity: { enabled: false, forced: false },
    })),
  };
}

/** Sequences of another schema: a tenant's own tables may go on with those of the shared ones. */
function drawnFrom({ schema, sequences }: Definition): Statement[] {
  return sequences
    .filter((one) => one.schema !== schema)
    .flatMap((one) => {
      const why = "Defaults draw from it.";
      const name = relation(one.schema, one.name);
      return [
        made(`schema ${identifier(one.schema)}`, why, `CREATE SCHEMA IF NOT EXISTS ${identifier(one.schema)}`),
        made(`sequence ${name}`, why, `CREATE SEQUENCE IF NOT EXISTS ${name} AS ${one.type} ${sequenceOptions(one)}`),
      ];
    });
}

/** Numbers go on where they are, so that no restored row meets a new one of its number. */
async function numbersOf(client: pg.ClientBase, { sequences }: Definition): Promise<Statement[]> {
  const { rows } = await client.query<{ schema: string; name: string; last: string }>(
    `SELECT s.schemaname AS schema, s.sequencename AS name, s.last_value::text AS last
       FROM unnest($1::text[], $2::text[]) AS used (schema, name)
       JOIN pg_sequences s ON s.schemaname = used.schema AND s.sequencename = used.name
      WHERE s.last_value IS NOT NULL ORDER BY 1, 2`,
    [sequences.map((one) => one.schema), sequences.map((one) => one.name)],
  );
  return rows.map(({ schema, name, last }) => {
    const sequence = relation(schema, name);
    return made(`sequence ${sequence}`, "It goes on.", `SELECT setval(${literal(sequence)}, ${last})`);
  });
}

function unique(statements: readonly Statement[]): Statement[] {
  return [...new Map(statements.map((statement) => [statement.sql, statement])).values()];
}
