import type { Constraint, ForeignKey } from "../definition.ts";
import type { Reader } from "../reader.ts";

interface Row {
  oid: string;
  table: string;
  type: string;
  name: string;
  definition: string;
  comment: string | null;
  options: string[] | null;
}

/** Checks and keys that a table does not inherit, by the table's oid. */
export async function readConstraints(
  reader: Reader,
  oids: readonly string[],
): Promise<{ checks: Map<string, Constraint[]>; keys: Map<string, Constraint[]> }> {
  const rows = await reader.twice<Row>(
    `SELECT o.conrelid::text AS oid, c.relname AS "table", o.contype AS type, o.conname AS name,
            pg_get_constraintdef(o.oid) AS definition, obj_description(o.oid, 'pg_constraint') AS comment,
            i.reloptions AS options
       FROM pg_constraint o
       JOIN pg_class c ON c.oid = o.conrelid
       LEFT JOIN pg_class i ON i.oid = o.conindid AND o.contype <> 'f'
      WHERE o.conrelid = ANY ($1::oid[]) AND o.contype IN ('c', 'p', 'u', 'x') AND o.conislocal AND o.conparentid = 0
        AND (o.coninhcount = 0 OR NOT c.relispartition)
      ORDER BY o.conrelid, o.contype, o.conname`,
    [oids],
  );
  const checks = new Map<string, Constraint[]>();
  const keys = new Map<string, Constraint[]>();
  for (const [row, plain] of rows) {
    const { oid, table, type, definition, ...rest } = row;
    const into = type === "c" ? checks : keys;
    const text = reader.text(definition, plain.definition, `${reader.schema}.${table}.${row.name}`);
    into.set(oid, [...(into.get(oid) ?? []), { ...rest, definition: text }]);
  }
  return { checks, keys };
}

/** Foreign keys, told by their columns: which tables they lead to is known by oid and not by what they are called. */
export async function readForeignKeys(reader: Reader, oids: readonly string[]): Promise<Map<string, ForeignKey[]>> {
  const rows = await reader.once<ForeignKey & { oid: string; definition: string }>(
    `SELECT o.conrelid::text AS oid, o.conname AS name, obj_description(o.oid, 'pg_constraint') AS comment,
            json_build_object('schema', pn.nspname, 'name', p.relname) AS parent,
            ARRAY(SELECT a.attname::text FROM unnest(o.conkey) WITH ORDINALITY AS k (num, at)
                    JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.num ORDER BY k.at) AS columns,
            ARRAY(SELECT a.attname::text FROM unnest(o.confkey) WITH ORDINALITY AS k (num, at)
                    JOIN pg_attribute a ON a.attrelid = o.confrelid AND a.attnum = k.num ORDER BY k.at) AS "parentColumns",
            pg_get_constraintdef(o.oid) AS definition, '' AS tail
       FROM pg_constraint o
       JOIN pg_class p ON p.oid = o.confrelid
       JOIN pg_namespace pn ON pn.oid = p.relnamespace
      WHERE o.conrelid = ANY ($1::oid[]) AND o.contype = 'f' AND o.conparentid = 0
      ORDER BY o.conrelid, o.conname`,
    [oids],
  );
  const found = new Map<string, ForeignKey[]>();
  for (const { oid, definition, ...key } of rows) {
    found.set(oid, [...(found.get(oid) ?? []), { ...key, tail: afterColumns(definition) }]);
  }
  return found;
}

/** What PostgreSQL prints after `FOREIGN KEY (…) REFERENCES table(…)`. */
function afterColumns(definition: string): string {
  let quoted = false;
  let closed = 0;
  for (const [at, sign] of [...definition].entries()) {
    if (sign === '"') quoted = !quoted;
    if (quoted || sign !== ")") continue;
    closed += 1;
    if (closed === 2) return [...definition].slice(at + 1).join("");
  }
  return "";
}
