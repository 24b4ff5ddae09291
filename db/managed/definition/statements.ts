import { identifier, literal, type Statement } from "../statement.ts";
import type { Definition, DefinitionProblem, Table } from "./definition.ts";
import type { Destination } from "./destination.ts";
import { type Fitted, fitted } from "./fit.ts";
import { type Naming, namingOf, ownSequence, type Target } from "./naming.ts";
import { comment, grantStatements, ownerStatement, tableComments, viewComments } from "./render/access.ts";
import {
  foreignKeyStatement,
  indexStatements,
  keyStatements,
  physicalStatements,
  proofStatements,
  unprovenStatement,
} from "./render/keys.ts";
import { made } from "./render/made.ts";
import { policyStatements, triggerStatements } from "./render/rules.ts";
import { sequenceOwnership, sequenceStatement } from "./render/sequences.ts";
import { tableStatements } from "./render/tables.ts";
import { functionStatements, typeStatements } from "./render/types.ts";
import { refreshStatements, viewStatement } from "./render/views.ts";

/** The check, and with it a default, that keep a tenant's own tables to its own rows. */
export const tenantCheck = "caretaker_tenant_key";

export interface DefinitionTarget extends Target {
  /** Set where the tables become one tenant's own: its key's column gets a default and a check. */
  tenant: { key: string; columns: readonly { table: string; column: string }[] } | null;
  /** What the target has; without it everything is made, and nothing is known to be missing. */
  destination: Destination | null;
}

export interface DefinitionStatements {
  /** Before the rows: schema, extensions, types, functions, sequences, tables. They run in one transaction. */
  before: Statement[];
  /** After the rows: keys and indexes. */
  keys: Statement[];
  /** Next, foreign keys, each made with a look at all rows. */
  foreignKeys: Statement[];
  /** In place of those: foreign keys for new rows, and then, where there are many rows, a look at the old ones. */
  unproven: Statement[];
  proofs: Statement[];
  /** At last: views, triggers, policies, owners, access, comments. */
  after: Statement[];
  problems: DefinitionProblem[];
  /** The sequences made anew, called in the target as in the source, so that their values can follow. */
  sequences: { name: string; identity: boolean; table: string | null; column: string | null }[];
}

/** The DDL that makes a definition in another schema, of the same database or another. */
export function definitionStatements(source: Definition, target: DefinitionTarget): DefinitionStatements {
  const naming = namingOf(source, target);
  const fits = fitted(source, target.destination, naming);
  const { tables, views } = fits.definition;
  const sequences = fits.definition.sequences.filter((one) => ownSequence(one, source, target));
  const plain = sequences.filter((one) => !one.identity);
  const nodes = (list: readonly string[]): Statement[] => list.flatMap((node) => nodeStatements(node, fits, naming));
  return {
    before: [
      ...schemaStatements(fits, naming),
      ...plain.map((one) => sequenceStatement(one, naming)),
      ...nodes(fits.definition.order),
      ...plain.flatMap((one) => sequenceOwnership(one, naming)),
      ...tables.flatMap((table) => tenantStatements(table, target, naming)),
    ],
    keys: [
      ...tables.flatMap((table) => keyStatements(table, naming)),
      ...tables.flatMap((table) => indexStatements(table, naming)),
      ...tables.flatMap((table) => physicalStatements(table, naming)),
    ],
    foreignKeys: tables.flatMap((table) => table.foreignKeys.map((key) => foreignKeyStatement(table, key, naming))),
    unproven: tables.flatMap((table) => table.foreignKeys.map((key) => unprovenStatement(table, key, naming))),
    proofs: tables.flatMap((table) => proofStatements(table, naming)),
    after: [
      ...nodes(fits.definition.late),
      ...[...tables, ...views].flatMap((one) => triggerStatements(one, naming)),
      ...views.flatMap((view) => [...indexStatements(view, naming), ...refreshStatements(view, naming)]),
      ...tables.flatMap((table) => policyStatements(table, naming)),
      ...accessStatements(fits, sequences, naming),
      ...tables.flatMap((table) => tableComments(table, naming)),
      ...views.flatMap((view) => viewComments(view, naming)),
      ...sequences.flatMap((one) => comment("SEQUENCE", naming.own(one.name), one.comment)),
    ],
    problems: fits.problems,
    sequences: sequences.map(({ name, identity, table, column }) => ({ name, identity, table, column })),
  };
}

function schemaStatements({ definition }: Fitted, { target, schemaOf }: Naming): Statement[] {
  const others = target.elsewhere
    ? [
        ...definition.types.map((one) => schemaOf(one.schema)),
        ...definition.functions.map((one) => schemaOf(one.schema)),
        ...definition.extensions.map((one) => one.schema),
      ]
    : [];
  const schemas = [...new Set([target.schema, ...others])];
  return [
    ...schemas.map((schema) =>
      made(
        `schema ${identifier(schema)}`,
        schema === target.schema ? "The tenant's own." : "Types and functions that the tables need live here.",
        `CREATE SCHEMA IF NOT EXISTS ${identifier(schema)}`,
      ),
    ),
    ...(target.elsewhere ? definition.extensions : []).map(({ name, schema }) =>
      made(
        `extension ${identifier(name)}`,
        "The tables use its types or functions.",
        `CREATE EXTENSION IF NOT EXISTS ${identifier(name)} WITH SCHEMA ${identifier(schema)}`,
      ),
    ),
    ...(target.elsewhere && definition.functions.length > 0
      ? [
          made(
            "this transaction",
            "Bodies may name tables that are made later.",
            "SELECT set_config('check_function_bodies', 'off', true)",
          ),
        ]
      : []),
  ];
}

/** One object: a table, a view, or, for another database, a type or function. */
function nodeStatements(node: string, { definition, hasRole }: Fitted, naming: Naming): Statement[] {
  const [kind, oid] = node.split(" ");
  if (kind === "relation") {
    const table = definition.tables.find((one) => one.oid === oid);
    const view = definition.views.find((one) => one.oid === oid);
    return table ? tableStatements(table, definition, naming) : view ? [viewStatement(view, naming)] : [];
  }
  if (!naming.target.elsewhere) return [];
  const type = definition.types.find((one) => kind === "type" && one.oid === oid);
  if (type) return typeStatements(type, naming, hasRole);
  const called = definition.functions.find((one) => kind === "function" && one.oid === oid);
  return called ? functionStatements(called, naming, hasRole) : [];
}

function tenantStatements(table: Table, { tenant }: DefinitionTarget, naming: Naming): Statement[] {
  const column = tenant?.columns.find((one) => one.table === table.name)?.column;
  if (!tenant || column === undefined || table.parent !== null) return [];
  if (table.checks.some((check) => check.name === tenantCheck)) return [];
  const known = table.columns.find((one) => one.name === column);
  if (known?.generated !== "" || known.identity !== "") return [];
  const key = `${literal(tenant.key)}::${naming.text(known.type)}`;
  const name = naming.own(table.name);
  return [
    made(
      `tenant key of ${name}`,
      "Every row is this tenant's, so that it can move on, or back to shared tables, as it is.",
      `ALTER TABLE ${name} ALTER COLUMN ${identifier(column)} SET DEFAULT ${key}, ADD CONSTRAINT ${identifier(tenantCheck)} CHECK (${identifier(column)} = ${key})`,
    ),
  ];
}

function accessStatements(
  { definition, hasRole }: Fitted,
  sequences: Definition["sequences"],
  naming: Naming,
): Statement[] {
  const schema = identifier(naming.target.schema);
  const owner = (kind: "TABLE" | "VIEW" | "MATERIALIZED VIEW" | "SEQUENCE", one: { name: string; owner: string }) =>
    hasRole(one.owner) ? [ownerStatement(kind, naming.own(one.name), one.owner)] : [];
  return [
    ...definition.tables.flatMap((table) => owner("TABLE", table)),
    ...definition.views.flatMap((view) => owner(view.materialized ? "MATERIALIZED VIEW" : "VIEW", view)),
    ...sequences.filter((one) => one.table === null).flatMap((one) => owner("SEQUENCE", one)),
    ...grantStatements("SCHEMA", schema, definition.schemaGrants),
    ...[...definition.tables, ...definition.views].flatMap((one) =>
      grantStatements("TABLE", naming.own(one.name), one.grants),
    ),
    ...sequences.flatMap((one) => grantStatements("SEQUENCE", naming.own(one.name), one.grants)),
  ];
}
