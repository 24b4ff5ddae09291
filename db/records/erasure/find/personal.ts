import { and, eq, inArray } from "drizzle-orm";
import { control } from "../../../control.ts";
import { columnClasses } from "../../../schema/fleet.ts";
import type { ErasureSubject } from "../contract.ts";

/** By "schema.table": the columns that hold personal values, and those in which words are looked for. */
export interface Personal {
  confirmed: Map<string, Set<string>>;
  searched: Map<string, Set<string>>;
}

/**
 * What people confirmed under Coverage, and what was named for this search besides. For a copy, `of` is the database that it was
 * made of, whose columns it has.
 */
export async function personalColumns(
  { database, columns, search }: ErasureSubject,
  of: string = database,
): Promise<Personal> {
  const rows = await control()
    .select({ schema: columnClasses.schema, table: columnClasses.table, column: columnClasses.column })
    .from(columnClasses)
    .where(and(inArray(columnClasses.databaseId, [database, of]), eq(columnClasses.class, "personal")));
  const confirmed = new Map<string, Set<string>>();
  const searched = new Map<string, Set<string>>();
  for (const { schema, table, column } of rows) add(confirmed, `${schema}.${table}`, column);
  for (const named of columns) add(confirmed, ...split(named));
  for (const named of search) add(searched, ...split(named));
  return { confirmed, searched };
}

function add(to: Map<string, Set<string>>, table: string, column: string): void {
  const columns = to.get(table) ?? new Set();
  columns.add(column);
  to.set(table, columns);
}

function split(named: string): [string, string] {
  const [schema = "", table = "", ...column] = named.split(".");
  return [`${schema}.${table}`, column.join(".")];
}
