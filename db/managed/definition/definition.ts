import type { Text } from "./text.ts";

// What the catalog says about a set of tables of one schema, in the words that `statements.ts` turns into DDL.

/** Something that cannot be carried, or not without a person knowing. One that is blocking stops a plan. */
export interface DefinitionProblem {
  severity: "blocking" | "warning";
  code:
    | "inherits"
    | "foreign_table"
    | "typed_table"
    | "rules"
    | "late_sequence"
    | "invalid_index"
    | "unreadable"
    | "body_names_schema"
    | "kind_of_type"
    | "kind_of_function"
    | "other_object"
    | "missing_table"
    | "missing_role"
    | "missing_extension"
    | "missing_sequence"
    | "constraint_trigger"
    | "tablespace";
  subject: string;
  message: string;
  fix: string;
}

export interface Grant {
  /** null: everybody. */
  grantee: string | null;
  privilege: string;
  grantable: boolean;
  column: string | null;
}

export interface Column {
  name: string;
  type: Text;
  notNull: boolean;
  /** With its schema, quoted; null where it is the type's own. */
  collation: string | null;
  expression: Text | null;
  /** "s" stored, "v" virtual, "" not generated. */
  generated: string;
  /** "a" always, "d" by default, "" none. */
  identity: string;
  storage: string | null;
  compression: string | null;
  statistics: number | null;
  options: string[] | null;
  comment: string | null;
}

export interface Named {
  name: string;
  comment: string | null;
}

/** A constraint, an index's tail, and the like: `definition` follows the name. */
export interface Constraint extends Named {
  definition: Text;
  /** The index behind a key: its storage options, and whether the table was clustered by it. */
  options: string[] | null;
}

export interface ForeignKey extends Named {
  columns: string[];
  /** The referenced table. */
  parent: { schema: string; name: string };
  parentColumns: string[];
  /** MATCH, ON DELETE, DEFERRABLE … */
  tail: string;
}

export interface Index extends Named {
  /** Up to and with ON. */
  head: string;
  tail: Text;
}

export interface Statistics extends Named {
  /** Between the name and FROM. */
  definition: Text;
  target: number | null;
}

export interface Trigger extends Named {
  /** Up to and with ON, and from the table's name on. */
  head: string;
  tail: Text;
  /** "O" as usual, "D" disabled, "R" replica, "A" always. */
  enabled: string;
}

export interface Policy extends Named {
  permissive: boolean;
  command: string;
  /** Empty: PUBLIC. */
  roles: string[];
  using: Text | null;
  check: Text | null;
}

export interface Table extends Named {
  oid: string;
  kind: "table" | "partitioned" | "partition";
  partitioned: boolean;
  unlogged: boolean;
  owner: string;
  accessMethod: string | null;
  options: string[] | null;
  parent: string | null;
  bound: Text | null;
  partitionKey: Text | null;
  rowSecurity: { enabled: boolean; forced: boolean };
  /** "d" the primary key, "n" nothing, "f" the whole row, "i" an index. */
  replicaIdentity: string;
  replicaIndex: string | null;
  clusteredOn: string | null;
  columns: Column[];
  checks: Constraint[];
  keys: Constraint[];
  indexes: Index[];
  statistics: Statistics[];
  foreignKeys: ForeignKey[];
  triggers: Trigger[];
  policies: Policy[];
  grants: Grant[];
}

export interface Sequence extends Named {
  oid: string;
  schema: string;
  type: string;
  start: string;
  increment: string;
  min: string;
  max: string;
  cache: string;
  cycle: boolean;
  unlogged: boolean;
  owner: string;
  /** The column that it goes with. */
  table: string | null;
  column: string | null;
  /** Made by GENERATED AS IDENTITY. */
  identity: boolean;
  grants: Grant[];
}

export interface View extends Named {
  oid: string;
  materialized: boolean;
  populated: boolean;
  owner: string;
  options: string[] | null;
  query: Text;
  /** Tables and views, of any schema but the system's. */
  reads: { schema: string; name: string }[];
  columns: string[];
  columnComments: { name: string; comment: string }[];
  indexes: Index[];
  triggers: Trigger[];
  grants: Grant[];
}

/** A type that the tables use and that no extension brings; needed where the target is another database. */
export interface UserType extends Named {
  oid: string;
  schema: string;
  kind: "enum" | "domain" | "composite";
  owner: string;
  labels: string[];
  base: Text | null;
  attributes: { name: string; type: Text; collation: string | null }[];
  notNull: boolean;
  default: Text | null;
  checks: { name: string; definition: Text }[];
}

/** A function that the tables call and that no extension brings; needed where the target is another database. */
export interface UserFunction extends Named {
  oid: string;
  schema: string;
  /** From its arguments on. */
  head: string;
  tail: Text;
  signature: Text;
  owner: string;
  kind: "function" | "procedure";
  grants: Grant[];
  /** Its body is text, in which no name can be followed, and it names the schema that was read. */
  namesSchema: boolean;
}

/** The definition of a set of tables of one schema, as the catalog has it. */
export interface Definition {
  schema: string;
  database: string;
  schemaOwner: string;
  schemaGrants: Grant[];
  tables: Table[];
  sequences: Sequence[];
  views: View[];
  types: UserType[];
  functions: UserFunction[];
  extensions: { name: string; schema: string }[];
  /** Objects in an order in which each stands after what it needs: "relation 16384", "type 16390", "function 16401". */
  order: string[];
  /** The views, and what needs one of them, in the same order: they are made after the rows. */
  late: string[];
  problems: DefinitionProblem[];
  /** Those that matter only where the target is another database. */
  elsewhere: DefinitionProblem[];
}
