import { Refusal } from "../../errors.ts";
import type { MovingTable } from "../../managed/moving/table.ts";
import { type End, isOneDatabase, type Pair } from "../pair.ts";

interface Column {
  table: string;
  name: string;
  /** With its modifier, without its schema: a type of the application's own has another one elsewhere. */
  type: string;
  generated: boolean;
}

/**
 * What a migration adds while the tenant moves is not copied, and what it changes may not fit: then the move stops.
 *
 * @throws Refusal `conflict` that names the columns.
 */
export async function requireAlike(pair: Pair): Promise<void> {
  const { from, to, tables } = pair;
  const [here, there] = isOneDatabase(pair)
    ? [await columnsOf(from, tables), await columnsOf(to, tables)]
    : await Promise.all([columnsOf(from, tables), columnsOf(to, tables)]);
  const planned = new Set(tables.flatMap(({ name, columns }) => columns.map((column) => `${name}.${column}`)));
  const differ = [
    ...[...here].filter(([name, type]) => there.get(name) !== type).map(([name]) => name),
    ...[...there.keys()].filter((name) => !here.has(name)),
    ...[...here].filter(([name, type]) => type !== generated && !planned.has(name)).map(([name]) => name),
  ];
  if (differ.length === 0) return;
  throw new Refusal(
    "conflict",
    `Tables changed while the tenant moves: ${[...new Set(differ)].slice(0, 10).join(", ")}.`,
    {
      fix: "Take the change back at the tenant's place and try again, or bring the move to its end and make the change then.",
    },
  );
}

const generated = "generated";

async function columnsOf({ client, standing }: End, tables: readonly MovingTable[]): Promise<Map<string, string>> {
  const { rows } = await client.query<Column>(
    `SELECT c.relname AS "table", a.attname AS name, t.typname || ' ' || a.atttypmod AS type, a.attgenerated <> '' AS generated
       FROM pg_class c
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       JOIN pg_type t ON t.oid = a.atttypid
      WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND c.relname = ANY ($2)`,
    [standing.schema, tables.map(({ name }) => name)],
  );
  return new Map(rows.map((row) => [`${row.table}.${row.name}`, row.generated ? generated : row.type]));
}
