import { createHash } from "node:crypto";
import type { Definition } from "./definition.ts";
import { definitionStatements, tenantCheck } from "./statements.ts";

export interface FingerprintOptions {
  /** Read in another database than the one it is compared with: types and functions count as its own. */
  elsewhere: boolean;
  /** Columns whose default and check `DefinitionTarget.tenant` sets; they are left out on both sides. */
  tenantColumns: readonly { table: string; column: string }[];
}

/**
 * A definition as the DDL that would make it in a schema of no name, sorted: two sets of tables are made alike when these
 * are equal, whatever their schemas are called.
 */
export function definitionLines(definition: Definition, { elsewhere, tenantColumns }: FingerprintOptions): string[] {
  const rootOf = (name: string): string => {
    const parent = definition.tables.find((table) => table.name === name)?.parent;
    return parent ? rootOf(parent) : name;
  };
  const tables = definition.tables.map((table) => ({
    ...table,
    checks: table.checks.filter((check) => check.name !== tenantCheck),
    columns: table.columns.map((column) =>
      tenantColumns.some((one) => one.table === rootOf(table.name) && one.column === column.name)
        ? { ...column, expression: null }
        : column,
    ),
  }));
  const { before, after } = definitionStatements(
    { ...definition, tables },
    { schema: "@", elsewhere, sequences: "own", tenant: null, destination: null },
  );
  return [...before, ...after].map(({ sql }) => sql).sort();
}

export function definitionFingerprint(definition: Definition, options: FingerprintOptions): string {
  return createHash("sha256").update(definitionLines(definition, options).join("\n")).digest("hex");
}
