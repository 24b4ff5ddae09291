import type { Column } from "../definition.ts";
import type { Reader } from "../reader.ts";

type Row = Omit<Column, "type" | "expression"> & {
  oid: string;
  table: string;
  type: string;
  expression: string | null;
  late: boolean;
};

/** The columns of tables in their order, by the table's oid. */
export async function readColumns(reader: Reader, oids: readonly string[]): Promise<Map<string, Column[]>> {
  const rows = await reader.twice<Row>(
    `SELECT a.attrelid::text AS oid, c.relname AS "table", a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
            a.attnotnull AS "notNull", a.attgenerated AS generated, a.attidentity AS identity,
            pg_get_expr(d.adbin, d.adrelid) AS expression,
            -- 1079 is the cast from text to regclass: the name is looked up when the default is used.
            coalesce(d.adbin::text LIKE '%:funcid 1079 %', false) AS late,
            CASE WHEN a.attcollation <> t.typcollation AND a.attcollation <> 0
                 THEN (SELECT format('%I.%I', n.nspname, l.collname) FROM pg_collation l
                         JOIN pg_namespace n ON n.oid = l.collnamespace WHERE l.oid = a.attcollation) END AS collation,
            CASE WHEN a.attstorage <> t.typstorage
                 THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END
                 END AS storage,
            CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
            CASE WHEN a.attstattarget >= 0 THEN a.attstattarget::int END AS statistics,
            a.attoptions AS options,
            col_description(a.attrelid, a.attnum) AS comment
       FROM pg_attribute a
       JOIN pg_class c ON c.oid = a.attrelid
       JOIN pg_type t ON t.oid = a.atttypid
       LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attrelid, a.attnum`,
    [oids],
  );
  const found = new Map<string, Column[]>();
  for (const [row, plain] of rows) {
    const { oid, table, late, ...column } = row;
    const subject = `${reader.schema}.${table}.${column.name}`;
    if (late) reader.problems.push(lateSequence(subject));
    found.set(oid, [
      ...(found.get(oid) ?? []),
      {
        ...column,
        type: reader.text(row.type, plain.type, subject, undefined),
        expression: row.expression === null ? null : reader.text(row.expression, plain.expression ?? "", subject),
      },
    ]);
  }
  return found;
}

function lateSequence(subject: string) {
  return {
    severity: "blocking",
    code: "late_sequence",
    subject,
    message: "Its default looks a sequence up by text each time, so that the copy would draw from the original's.",
    fix: "Write the default as nextval('name'::regclass), which names the sequence itself.",
  } as const;
}
