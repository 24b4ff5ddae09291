import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { identifier, relation } from "../../managed/statement.ts";

interface CopiedTable {
  schema: string;
  name: string;
}

/** Copies the rows of a table between two databases, with every column that holds a value of its own. */
export async function copyRows(
  from: pg.ClientBase,
  to: pg.ClientBase,
  table: CopiedTable,
  only: { column: string; value: string } | null,
): Promise<void> {
  const { rows } = await from.query<{ name: string }>(
    `SELECT a.attname AS name FROM pg_attribute a
      WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      ORDER BY a.attnum`,
    [relation(table.schema, table.name)],
  );
  const columns = rows.map(({ name }) => identifier(name)).join(", ");
  const name = relation(table.schema, table.name);
  const where = only ? ` WHERE ${identifier(only.column)}::text = ${from.escapeLiteral(only.value)}` : "";
  await pipeline(
    from.query(copyTo(`COPY (SELECT ${columns} FROM ${name}${where}) TO STDOUT`)),
    to.query(copyFrom(`COPY ${name} (${columns}) FROM STDIN`)),
  );
}
