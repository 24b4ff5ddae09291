import type { Values } from "../../audit/conditions.ts";
import { deletionColumns, losesName } from "../../managed/sql/025-known-by.ts";
import type { ManagedTable } from "../../managed-tables.ts";

/** How the tables of a database mark rows as deleted: one mark a table, as columns for unnest. */
export interface Marks {
  schemas: string[];
  tables: string[];
  columns: string[];
  /** Whether the mark is a boolean; else it is a time. */
  flags: boolean[];
}

export function marksOf(managed: readonly ManagedTable[]): Marks {
  const marked = managed.flatMap(({ schema, name, softDelete }) => (softDelete ? [{ schema, name, softDelete }] : []));
  return {
    schemas: marked.map(({ schema }) => schema),
    tables: marked.map(({ name }) => name),
    columns: marked.map(({ softDelete }) => softDelete.column),
    flags: marked.map(({ softDelete }) => softDelete.kind === "boolean"),
  };
}

/**
 * SQL over an entry: it removed a row, or marked one that was not marked. A mark that is merely written anew is no deletion, or the
 * row would seem to have gone later than it did. The log's index of losses serves it where every mark has a usual name.
 */
export function deletesSql(values: Values, marks: Marks): string {
  const usual = marks.columns.every((column) => deletionColumns.includes(column));
  const deletes = `(action = 'delete' OR action = 'update' AND ${ofMark(values, marks, "audit_logs", sets)})`;
  return usual ? `${losesName} AND ${deletes}` : deletes;
}

/** SQL over an entry `alias`: it took the mark off its row. */
export function unmarksSql(values: Values, marks: Marks, alias: string): string {
  return ofMark(
    values,
    marks,
    alias,
    (entry) => `CASE WHEN mark.flag THEN ${entry}.changes ->> mark."column" = 'false'
                  ELSE ${entry}.changes -> mark."column" = 'null' END`,
  );
}

function ofMark(values: Values, marks: Marks, alias: string, condition: (alias: string) => string): string {
  return `EXISTS (
     SELECT FROM unnest(${values.add(marks.schemas)}::text[], ${values.add(marks.tables)}::text[],
                        ${values.add(marks.columns)}::text[], ${values.add(marks.flags)}::boolean[]) AS mark (schema, name, "column", flag)
      WHERE mark.schema = ${alias}.resource_schema AND mark.name = ${alias}.resource_type AND ${condition(alias)})`;
}

function sets(alias: string): string {
  return `CASE WHEN mark.flag THEN ${alias}.changes ->> mark."column" = 'true' AND coalesce(${alias}.old_values ->> mark."column", 'false') = 'false'
                  ELSE ${alias}.changes ->> mark."column" IS NOT NULL AND ${alias}.old_values ->> mark."column" IS NULL END`;
}
