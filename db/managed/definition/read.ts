import type pg from "pg";
import { relation } from "../statement.ts";
import type { Definition, Grant, Index, Table, Trigger } from "./definition.ts";
import { readColumns } from "./read/columns.ts";
import { readConstraints, readForeignKeys } from "./read/constraints.ts";
import { readFunctionGrants, readGrants, readSchemaGrants } from "./read/grants.ts";
import { readIndexes, readStatistics } from "./read/indexes.ts";
import { inOrder, inTwo, readObjects } from "./read/objects.ts";
import { readSequences } from "./read/sequences.ts";
import { type BareTable, readTables } from "./read/tables.ts";
import { readPolicies, readTriggers } from "./read/triggers.ts";
import { readFunctions, readTypes } from "./read/types.ts";
import { readViews } from "./read/views.ts";
import { type Reader, readerOf } from "./reader.ts";

/**
 * Reads the definition of tables of one schema, with their partitions, sequences, views, and the types and functions they need,
 * inside the caller's transaction. It is the application's definition: what adoption installs on them is left out.
 * The tables are locked against other definitions (ACCESS SHARE) until the transaction ends.
 */
export async function readDefinition(
  client: pg.ClientBase,
  { schema, tables: names }: { schema: string; tables: readonly string[] },
): Promise<Definition> {
  const reader = await readerOf(client, schema);
  const bare = await readTables(reader, names);
  if (bare.length > 0) {
    const list = bare.map((table) => relation(schema, table.name)).join(", ");
    await client.query(`LOCK TABLE ${list} IN ACCESS SHARE MODE`);
  }
  const oids = bare.map((table) => table.oid);
  const views = await readViews(reader, oids);
  const relations = [...oids, ...views.map((view) => view.oid)];
  const sequences = await readSequences(reader, oids);
  const grants = await readGrants(reader, [...relations, ...sequences.map((sequence) => sequence.oid)]);
  const objects = await readObjects(reader, relations);
  const types = await readTypes(reader, objects.types);
  const functions = await readFunctions(reader, objects.functions);
  const functionGrants = await readFunctionGrants(reader, objects.functions);
  const [place] = await reader.once<{ database: string; owner: string }>(
    "SELECT current_database() AS database, pg_get_userbyid(nspowner)::text AS owner FROM pg_namespace WHERE nspname = $1",
    [schema],
  );
  const indexes = await readIndexes(reader, relations);
  const triggers = await readTriggers(reader, relations);
  const tables = await withParts(reader, bare, { indexes, triggers, grants });
  const nodes = [
    ...types.map(({ oid }) => `type ${oid}`),
    ...functions.map(({ oid }) => `function ${oid}`),
    ...relations.map((oid) => `relation ${oid}`),
  ];
  return {
    schema,
    database: place?.database ?? "",
    schemaOwner: place?.owner ?? "",
    schemaGrants: await readSchemaGrants(reader),
    tables,
    sequences: sequences.map((sequence) => ({ ...sequence, grants: grants.get(sequence.oid) ?? [] })),
    views: views.map((view) => ({
      ...view,
      grants: grants.get(view.oid) ?? [],
      indexes: indexes.get(view.oid) ?? [],
      triggers: triggers.get(view.oid) ?? [],
    })),
    types,
    functions: functions.map((one) => ({ ...one, grants: functionGrants.get(one.oid) ?? [] })),
    extensions: objects.extensions,
    ...inTwo(
      inOrder(nodes, objects.edges),
      objects.edges,
      views.map(({ oid }) => `relation ${oid}`),
    ),
    problems: reader.problems,
    elsewhere: reader.elsewhere,
  };
}

/** What tables and views both have. */
interface Shared {
  indexes: Map<string, Index[]>;
  triggers: Map<string, Trigger[]>;
  grants: Map<string, Grant[]>;
}

async function withParts(reader: Reader, bare: BareTable[], { indexes, triggers, grants }: Shared): Promise<Table[]> {
  const oids = bare.map((table) => table.oid);
  const columns = await readColumns(reader, oids);
  const { checks, keys } = await readConstraints(reader, oids);
  const statistics = await readStatistics(reader, oids);
  const foreignKeys = await readForeignKeys(reader, oids);
  const policies = await readPolicies(reader, oids);
  const of = <T>(parts: Map<string, T[]>, oid: string): T[] => parts.get(oid) ?? [];
  return bare.map((table) => ({
    ...table,
    columns: of(columns, table.oid),
    checks: of(checks, table.oid),
    keys: of(keys, table.oid),
    indexes: of(indexes, table.oid),
    statistics: of(statistics, table.oid),
    foreignKeys: of(foreignKeys, table.oid),
    triggers: of(triggers, table.oid),
    policies: of(policies, table.oid),
    grants: of(grants, table.oid),
  }));
}
