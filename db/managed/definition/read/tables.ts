import { identifier } from "../../statement.ts";
import type { DefinitionProblem, Table } from "../definition.ts";
import type { Reader } from "../reader.ts";

type Parts =
  | "columns"
  | "checks"
  | "keys"
  | "indexes"
  | "statistics"
  | "foreignKeys"
  | "triggers"
  | "policies"
  | "grants";
export type BareTable = Omit<Table, Parts>;

type Row = Omit<BareTable, "bound" | "partitionKey" | "rowSecurity"> & {
  bound: string | null;
  partitionKey: string | null;
  secured: boolean;
  forced: boolean;
  relkind: string;
  inherits: boolean;
  typed: boolean;
  rules: boolean;
  tablespace: string | null;
};

/** The named tables with their partitions. Row security stands as it did before Caretaker turned it on. */
export async function readTables(reader: Reader, names: readonly string[]): Promise<BareTable[]> {
  const [kept] = await reader.once<{ kept: boolean }>(
    "SELECT to_regclass('caretaker.row_security') IS NOT NULL AS kept",
    [],
  );
  const rows = await reader.twice<Row>(statement(kept?.kept ?? false), [identifier(reader.schema), names]);
  const found = new Set(rows.map(([row]) => row.name));
  for (const name of names) if (!found.has(name)) reader.problems.push(missing(`${reader.schema}.${name}`));
  return rows.flatMap(([row, plain]) => {
    const { relkind, inherits, typed, rules, tablespace, secured, forced, bound, partitionKey, ...table } = row;
    const subject = `${reader.schema}.${row.name}`;
    const refused = refusal(row, subject);
    if (refused) reader.problems.push(refused);
    if (refused?.severity === "blocking") return [];
    return [
      {
        ...table,
        rowSecurity: { enabled: secured, forced },
        bound: bound === null ? null : reader.text(bound, plain.bound ?? "", subject),
        partitionKey: partitionKey === null ? null : reader.text(partitionKey, plain.partitionKey ?? "", subject),
      },
    ];
  });
}

function statement(keepsRowSecurity: boolean): string {
  const before = keepsRowSecurity
    ? "LEFT JOIN caretaker.row_security was ON was.schema_name = n.nspname AND was.table_name = c.relname"
    : "LEFT JOIN (SELECT NULL::boolean AS was_enabled, NULL::boolean AS was_forced) AS was ON false";
  return `
    WITH RECURSIVE wanted AS (
      SELECT c.oid FROM pg_class c
       WHERE c.relnamespace = $1::text::regnamespace AND c.relname = ANY ($2::text[]) AND c.relkind IN ('r', 'p', 'f')
       UNION
      SELECT i.inhrelid FROM wanted JOIN pg_inherits i ON i.inhparent = wanted.oid
        JOIN pg_class c ON c.oid = i.inhrelid AND c.relispartition
    )
    SELECT c.oid::text, c.relname AS name, c.relkind,
           CASE WHEN c.relispartition THEN 'partition' WHEN c.relkind = 'p' THEN 'partitioned' ELSE 'table' END AS kind,
           c.relkind = 'p' AS partitioned, c.relpersistence = 'u' AS unlogged, pg_get_userbyid(c.relowner)::text AS owner,
           CASE WHEN m.amname <> 'heap' THEN m.amname END AS "accessMethod",
           c.reloptions AS options,
           (SELECT pc.relname FROM pg_inherits i JOIN pg_class pc ON pc.oid = i.inhparent
             WHERE i.inhrelid = c.oid AND c.relispartition) AS parent,
           pg_get_expr(c.relpartbound, c.oid) AS bound,
           CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS "partitionKey",
           coalesce(was.was_enabled, c.relrowsecurity) AS secured, coalesce(was.was_forced, c.relforcerowsecurity) AS forced,
           c.relreplident AS "replicaIdentity",
           (SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
             WHERE x.indrelid = c.oid AND x.indisreplident) AS "replicaIndex",
           (SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
             WHERE x.indrelid = c.oid AND x.indisclustered) AS "clusteredOn",
           EXISTS (SELECT FROM pg_inherits i JOIN pg_class pc ON pc.oid = i.inhparent OR pc.oid = i.inhrelid
                    WHERE (i.inhrelid = c.oid AND NOT c.relispartition)
                       OR (i.inhparent = c.oid AND c.relkind = 'r')) AS inherits,
           c.reloftype <> 0 AS typed,
           EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = c.oid) AS rules,
           (SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace) AS tablespace,
           obj_description(c.oid, 'pg_class') AS comment
      FROM wanted
      JOIN pg_class c ON c.oid = wanted.oid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_am m ON m.oid = c.relam
      ${before}
     ORDER BY c.relname`;
}

function missing(subject: string): DefinitionProblem {
  return {
    severity: "blocking",
    code: "missing_table",
    subject,
    message: "There is no such table any more.",
    fix: "Read the model again, so that it knows the tables as they are.",
  };
}

function refusal(row: Row, subject: string): DefinitionProblem | null {
  if (row.relkind === "f") {
    return {
      severity: "blocking",
      code: "foreign_table",
      subject,
      message: "It is a foreign table: its rows live elsewhere.",
      fix: "Set its class to ignored, or make it a table.",
    };
  }
  if (row.inherits) {
    return {
      severity: "blocking",
      code: "inherits",
      subject,
      message: "It inherits from a table, or a table from it, without being a partition.",
      fix: "Turn the inheritance into partitions, or into tables of their own.",
    };
  }
  if (row.typed) {
    return {
      severity: "blocking",
      code: "typed_table",
      subject,
      message: "It is made of a composite type (CREATE TABLE OF), which its copy would not follow.",
      fix: "ALTER TABLE … NOT OF.",
    };
  }
  if (row.rules) {
    return {
      severity: "blocking",
      code: "rules",
      subject,
      message: "Rewrite rules of its own (CREATE RULE) are not carried.",
      fix: "Replace the rules by triggers.",
    };
  }
  if (row.tablespace !== null) {
    return {
      severity: "warning",
      code: "tablespace",
      subject,
      message: `It lies in the tablespace ${row.tablespace}; its copy will lie in the target's default one.`,
      fix: "Move the copy with ALTER TABLE … SET TABLESPACE, if it matters.",
    };
  }
  return null;
}
