import type { Index, Statistics } from "../definition.ts";
import type { Reader } from "../reader.ts";
import { splitAt, type Text } from "../text.ts";

interface Row {
  oid: string;
  table: string;
  name: string;
  definition: string;
  comment: string | null;
  valid: boolean;
}

/** Indexes that no constraint and no partitioned parent makes, by the relation's oid. */
export async function readIndexes(reader: Reader, oids: readonly string[]): Promise<Map<string, Index[]>> {
  const rows = await reader.twice<Row>(
    `SELECT x.indrelid::text AS oid, t.relname AS "table", i.relname AS name, pg_get_indexdef(i.oid) AS definition,
            obj_description(i.oid, 'pg_class') AS comment, x.indisvalid AS valid
       FROM pg_index x
       JOIN pg_class i ON i.oid = x.indexrelid
       JOIN pg_class t ON t.oid = x.indrelid
      WHERE x.indrelid = ANY ($1::oid[])
        AND NOT i.relispartition
        AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.oid AND o.contype IN ('p', 'u', 'x'))
      ORDER BY x.indrelid, i.relname`,
    [oids],
  );
  const found = new Map<string, Index[]>();
  for (const [row, plain] of rows) {
    const { oid, name, comment } = row;
    const subject = `${reader.schema}.${row.table}, index ${name}`;
    if (!row.valid) {
      reader.problems.push(invalidIndex(subject));
      continue;
    }
    const [qualified, bare] = [splitAt(row.definition, "ON"), splitAt(plain.definition, "ON")];
    const tail: Text = reader.text(qualified.after, bare.after, subject);
    found.set(oid, [...(found.get(oid) ?? []), { name, comment, head: qualified.before, tail }]);
  }
  return found;
}

function invalidIndex(subject: string) {
  return {
    severity: "warning",
    code: "invalid_index",
    subject,
    message: "It is invalid, as CREATE INDEX CONCURRENTLY leaves one when it fails, and is not carried.",
    fix: "Drop it or build it again.",
  } as const;
}

/** Extended statistics, by the table's oid. */
export async function readStatistics(reader: Reader, oids: readonly string[]): Promise<Map<string, Statistics[]>> {
  const rows = await reader.twice<Omit<Statistics, "definition"> & { oid: string; kinds: string; columns: string }>(
    `SELECT s.stxrelid::text AS oid, s.stxname AS name, obj_description(s.oid, 'pg_statistic_ext') AS comment,
            CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget::int END AS target,
            coalesce((SELECT ' (' || string_agg(CASE kind WHEN 'd' THEN 'ndistinct' WHEN 'f' THEN 'dependencies' ELSE 'mcv' END, ', ' ORDER BY kind) || ')'
                        FROM unnest(s.stxkind) AS kind WHERE kind <> 'e'), '') AS kinds,
            pg_get_statisticsobjdef_columns(s.oid) AS columns
       FROM pg_statistic_ext s
      WHERE s.stxrelid = ANY ($1::oid[])
      ORDER BY s.stxrelid, s.stxname`,
    [oids],
  );
  const found = new Map<string, Statistics[]>();
  for (const [{ oid, kinds, columns, ...row }, plain] of rows) {
    const definition = [`${kinds} ON `, ...reader.text(columns, plain.columns, `statistics ${row.name}`)];
    found.set(oid, [...(found.get(oid) ?? []), { ...row, definition }]);
  }
  return found;
}
