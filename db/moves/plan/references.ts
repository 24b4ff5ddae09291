import type pg from "pg";
import type { MoveProblem } from "../contract.ts";
import { type FoundTable, findTables } from "./catalog.ts";
import type { MovingTenant, Place } from "./place.ts";

/** A table that all tenants share and that the moving ones point to. It goes along to another database, and is brought up to date at the cutover. */
export interface ReferenceTable {
  schema: string;
  name: string;
  columns: string[];
  binary: boolean;
}

export interface References {
  /** To be made at the new place. */
  tables: ReferenceTable[];
  /** What foreign keys may point to there. */
  known: { schema: string; table: string }[];
  problems: MoveProblem[];
}

const rowsMax = 1_000_000;

/** The shared tables to which foreign keys lead from the moving ones, directly or through each other; the tenants table is none. */
export async function findReferences(
  from: pg.ClientBase,
  to: pg.ClientBase | null,
  tenant: MovingTenant,
  moving: readonly FoundTable[],
  place: Place,
): Promise<References> {
  if (place.databaseId === tenant.place.databaseId) return { tables: [], known: [], problems: [] };
  const found: References = { tables: [], known: [], problems: [] };
  const seen = new Set([`${tenant.tenantsTable.schema}.${tenant.tenantsTable.table}`]);
  for (const { name } of moving) seen.add(`${tenant.place.schema}.${name}`);
  const queue = moving.flatMap(({ foreignKeys }) => foreignKeys);
  for (let key = queue.shift(); key; key = queue.shift()) {
    const name = `${key.schema}.${key.table}`;
    if (seen.has(name)) continue;
    seen.add(name);
    const [table] = await findTables(from, key.schema, [key.table]);
    if (!table) continue;
    found.known.push({ schema: key.schema, table: key.table });
    if (to && (await findTables(to, key.schema, [key.table])).length > 0) {
      found.problems.push(takenAsItIs(name));
      continue;
    }
    if (table.estimatedRows > rowsMax) found.problems.push(tooLarge(name, table));
    queue.push(...table.foreignKeys);
    found.tables.push({
      schema: key.schema,
      name: key.table,
      columns: table.columns.filter(({ generated }) => !generated).map((column) => column.name),
      binary: table.columns.every(({ portable }) => portable),
    });
  }
  return { ...found, problems: [...found.problems, ...copied(found.tables)] };
}

function takenAsItIs(name: string): MoveProblem {
  return {
    severity: "warning",
    code: "reference_there",
    subject: name,
    message: `${name} is at the new place already; the tenant's rows will point to the rows that it has there.`,
    fix: "Make sure that both hold the same rows.",
  };
}

function tooLarge(name: string, { estimatedRows }: FoundTable): MoveProblem {
  return {
    severity: "blocking",
    code: "reference_large",
    subject: name,
    message: `${name}, which all tenants share, has ${estimatedRows} rows; shared tables are copied whole up to ${rowsMax}.`,
    fix: "Move the tenant within the database, or make the table part of the tenant's model.",
  };
}

function copied(tables: readonly ReferenceTable[]): MoveProblem[] {
  if (tables.length === 0) return [];
  const names = tables.map(({ name }) => name);
  return [
    {
      severity: "warning",
      code: "references_copied",
      subject: names.join(", "),
      message: `${names.join(", ")} are shared by all tenants and are copied along. What is written to them after the cutover stays where it is written, and once a tenant lives there only rows that are missing are brought.`,
      fix: "Let the application write them at every place, or replicate them.",
    },
  ];
}
