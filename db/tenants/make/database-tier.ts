import type pg from "pg";
import type { Definition, DefinitionProblem } from "../../managed/definition/definition.ts";
import { type Destination, placeKey, readDestination } from "../../managed/definition/destination.ts";
import { withApplication } from "../../managed/definition/fit.ts";
import { readDefinition } from "../../managed/definition/read.ts";
import { definitionStatements } from "../../managed/definition/statements.ts";
import { freshInstallStatements, type InstallOptions, readInstallOptions } from "../../managed/install.ts";
import { ownDatabaseStatements, readDatabaseSettings, ungranted } from "../../managed/own-database.ts";
import { ownTableStatements } from "../../managed/own-tables.ts";
import { type CatalogTable, readTables } from "../../managed/read-tables.ts";
import type { Statement } from "../../managed/statement.ts";
import { adoptedCopies, type CopyPlace } from "./copies.ts";
import { ownIdStatements, readNumbered } from "./own-ids.ts";
import { unlocked } from "./schema-tier.ts";
import type { ManagedTable, Source } from "./source.ts";

export interface DatabasePlan {
  /** Outside any transaction, on the server. */
  create: Statement[];
  before: Statement[];
  /** Tables whose rows are copied, all of them. */
  rows: ManagedTable[];
  after: Statement[];
  /** Where its own sequences begin. */
  numbers: Statement[];
  problems: DefinitionProblem[];
}

/** What the target server has, read where the new database will be. */
export interface TargetServer {
  destination: Destination;
  /** 150018. */
  version: number;
  install: InstallOptions;
}

export async function readTargetServer(client: pg.ClientBase): Promise<TargetServer> {
  const { rows } = await client.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  return {
    destination: await readDestination(client),
    version: rows[0]?.version ?? 0,
    install: await readInstallOptions(client),
  };
}

export function databasePlace(tenantKey: string): CopyPlace {
  return { schemaOf: (schema) => schema, tenantKey };
}

/** In a transaction on the database that lists the tenant; the new one is empty, and has what its server has. */
export async function planDatabase(
  client: pg.ClientBase,
  source: Source,
  { name, tenantKey, server }: { name: string; tenantKey: string; server: TargetServer },
): Promise<DatabasePlan> {
  const tables = [...source.shared, ...source.own];
  const schemas = [...new Set(tables.map((table) => table.schema))];
  const definitions: Definition[] = [];
  for (const schema of schemas) {
    const names = tables.filter((table) => table.schema === schema).map((table) => table.name);
    definitions.push(await readDefinition(client, { schema, tables: names }));
  }
  const destination: Destination = { ...server.destination, relations: relationsOf(definitions), types: new Set() };
  const plans = definitions.map((definition) =>
    definitionStatements(definition, {
      schema: definition.schema,
      elsewhere: true,
      sequences: "own",
      tenant: {
        key: tenantKey,
        columns: source.own.flatMap(({ class: kind, schema, name: table, tenantColumn }) =>
          kind === "tenant" && schema === definition.schema && tenantColumn !== null
            ? [{ table, column: tenantColumn }]
            : [],
        ),
      },
      destination,
    }),
  );
  const catalog: CatalogTable[] = [];
  for (const schema of schemas) catalog.push(...(await readTables(client, schema)));
  const copies = adoptedCopies(tables, catalog, definitions, databasePlace(tenantKey));
  const roles = { application: source.applicationRole, caretaker: server.install.owner };
  const settings = await readDatabaseSettings(client);
  const host = { roles: destination.roles, version: server.version };
  return {
    create: ownDatabaseStatements(name, settings, host),
    before: unique(plans.flatMap(({ before }) => before)),
    rows: source.shared.filter((table) => !listsTenants(table, source)),
    after: [
      ...plans.flatMap(({ keys, foreignKeys, after }) => [...keys, ...foreignKeys, ...after]).map(unlocked),
      ...freshInstallStatements(server.install),
      ...ownTableStatements(copies, roles).map(unlocked),
    ],
    numbers: ownIdStatements(await readNumbered(client, source)),
    problems: [
      ...withApplication(
        plans.flatMap(({ problems }) => problems),
        source.applicationRole,
        destination,
      ),
      ...ungranted(settings, name, host),
      ...leftBehind(source),
    ],
  };
}

function listsTenants(table: { schema: string; name: string }, { tenantsTable }: Source): boolean {
  return table.schema === tenantsTable.schema && table.name === tenantsTable.table;
}

function relationsOf(definitions: readonly Definition[]): Set<string> {
  return new Set(
    definitions.flatMap(({ schema, tables, views, sequences }) =>
      [...tables, ...views, ...sequences].map(({ name }) => placeKey({ schema, name })),
    ),
  );
}

/** Definitions of several schemas may need the same types and functions. */
function unique(statements: readonly Statement[]): Statement[] {
  return [...new Map(statements.map((statement) => [statement.sql, statement])).values()];
}

function leftBehind({ ignored }: Source): DefinitionProblem[] {
  if (ignored.length === 0) return [];
  return [
    {
      severity: "warning",
      code: "other_object",
      subject: ignored.map((table) => `${table.schema}.${table.name}`).join(", "),
      message: "Tables with the class ignored do not go along: a record of migrations may be among them.",
      fix: "Copy what the application needs of them to the new database by hand.",
    },
  ];
}
