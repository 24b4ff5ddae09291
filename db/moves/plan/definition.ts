import type pg from "pg";
import type { Definition } from "../../managed/definition/definition.ts";
import { type Destination, placeKey, readDestination } from "../../managed/definition/destination.ts";
import { withApplication } from "../../managed/definition/fit.ts";
import { readDefinition } from "../../managed/definition/read.ts";
import { definitionStatements } from "../../managed/definition/statements.ts";
import { type AdoptedCopy, ownTableStatements } from "../../managed/own-tables.ts";
import type { Statement } from "../../managed/statement.ts";
import type { MoveProblem } from "../contract.ts";
import type { FoundTable } from "./catalog.ts";
import type { ModelledTable, MovingTenant, Place } from "./place.ts";
import type { References } from "./references.ts";
import { keepViews, viewsLeft } from "./views.ts";

export interface NewTables {
  before: Statement[];
  /** The rows' keys and indexes. */
  keys: Statement[];
  /** Foreign keys for new rows, the look at the old ones, and all that comes after them. */
  foreignKeys: Statement[];
  proofs: Statement[];
  after: Statement[];
  problems: MoveProblem[];
}

/** The DDL of the tenant's tables at a place of its own, from the tables that it has now, and of the shared ones that go along. */
export async function newTables(
  from: pg.ClientBase,
  to: pg.ClientBase,
  createDatabase: boolean,
  tenant: MovingTenant,
  modelled: readonly ModelledTable[],
  place: Place,
  references: References,
  found: readonly FoundTable[],
  caretaker: string,
): Promise<NewTables> {
  const there = await readDestination(to);
  // A server's roles and extensions are there for a database that is to be made; nothing else is.
  const fresh = { ...there, database: place.databaseName, relations: new Set<string>(), types: new Set<string>() };
  const destination = withReferences(createDatabase ? fresh : there, references);
  // Shared tables keep their schema, and so are made with the tenant's only where that does too.
  const together = (schema: string) => schema === tenant.place.schema && schema === place.schema;
  const beside = references.tables.filter(({ schema }) => together(schema)).map(({ name }) => name);
  const own = await readDefinition(from, {
    schema: tenant.place.schema,
    tables: [...modelled.map(({ name }) => name), ...beside],
  });
  const columns = modelled.flatMap(({ name, tenantColumn }) =>
    tenantColumn === null ? [] : [{ table: name, column: tenantColumn }],
  );
  const made = [];
  for (const schema of new Set(references.tables.map((table) => table.schema))) {
    if (together(schema)) continue;
    const tables = references.tables.filter((table) => table.schema === schema).map(({ name }) => name);
    // What reads shared tables and the tenants' own is made with the tenant's.
    const { definition } = keepViews(await readDefinition(from, { schema, tables }), references);
    made.push(statementsOf(definition, schema, null, destination, true));
  }
  const elsewhere = place.databaseId !== tenant.place.databaseId;
  const { definition, left } = elsewhere
    ? keepViews(withoutLostKeys(own, references), references)
    : { definition: own, left: [] };
  made.push(statementsOf(definition, place.schema, { key: tenant.key, columns }, destination, elsewhere));
  const adopted = ownTableStatements(
    modelled.flatMap((model) => copyOf(model, found, tenant, place)),
    { application: tenant.applicationRole, caretaker },
  );
  return {
    before: once(made.flatMap((one) => one.before)),
    keys: made.flatMap((one) => one.keys),
    foreignKeys: made.flatMap((one) => one.unproven),
    proofs: made.flatMap((one) => one.proofs),
    after: once([...made.flatMap((one) => one.after), ...adopted]),
    problems: [
      ...withApplication(
        made.flatMap((one) => one.problems),
        elsewhere ? tenant.applicationRole : null,
        destination,
      ),
      ...viewsLeft(left),
    ],
  };
}

/** The shared tables that go along are there before the tenant's, which may point to them. */
function withReferences(destination: Destination, { tables }: References): Destination {
  return { ...destination, relations: new Set([...destination.relations, ...tables.map(placeKey)]) };
}

/** What adoption gives to a table, for the tenant's own one: its log goes on there. */
function copyOf(model: ModelledTable, found: readonly FoundTable[], tenant: MovingTenant, place: Place): AdoptedCopy[] {
  const table = found.find(({ name }) => name === model.name);
  if (!table) return [];
  const columns = table.columns.map(({ name, type, generated }) => ({ name, type, generated }));
  return [
    {
      table: { schema: place.schema, name: table.name, columns, primaryKey: table.key, partitioned: false },
      owner: table.owner,
      tenantColumn: model.tenantColumn,
      tenantKey: tenant.key,
      audited: model.audited,
      masked: model.maskedColumns,
      ignored: model.ignoredColumns,
      rowSecurity: model.rowSecurity,
      softDelete: model.softDelete,
      activeView: model.activeView,
    },
  ];
}

function statementsOf(
  definition: Definition,
  schema: string,
  tenant: { key: string; columns: { table: string; column: string }[] } | null,
  destination: Destination | null,
  elsewhere: boolean,
) {
  return definitionStatements(definition, { schema, elsewhere, sequences: "own", tenant, destination });
}

/** In another database the list of tenants is not there to be pointed to; the tenant's key has a check of its own. */
function withoutLostKeys(definition: Definition, references: References): Definition {
  const carried = new Set(definition.tables.map(({ name }) => name));
  const stays = ({ schema, name }: { schema: string; name: string }): boolean =>
    (schema === definition.schema && carried.has(name)) ||
    references.known.some((one) => one.schema === schema && one.table === name);
  return {
    ...definition,
    tables: definition.tables.map((table) => ({
      ...table,
      foreignKeys: table.foreignKeys.filter(({ parent }) => stays(parent)),
    })),
  };
}

/** Two definitions may need the same type or schema. */
function once(statements: readonly Statement[]): Statement[] {
  return [...new Map(statements.map((statement) => [statement.sql, statement])).values()];
}
