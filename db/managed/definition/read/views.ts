import { activeViewComment } from "../../active-view.ts";
import type { View } from "../definition.ts";
import type { Reader } from "../reader.ts";

/** Views of the schema that read these tables, directly or through another view. Caretaker's own come with the adoption. */
export async function readViews(
  reader: Reader,
  oids: readonly string[],
): Promise<Omit<View, "grants" | "triggers" | "indexes">[]> {
  type Row = Omit<View, "grants" | "triggers" | "indexes" | "query"> & { query: string };
  const rows = await reader.twice<Row>(
    `WITH RECURSIVE reading AS (
       SELECT unnest($1::oid[]) AS oid
        UNION
       SELECT r.ev_class FROM reading
         JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = reading.oid AND d.classid = 'pg_rewrite'::regclass
         JOIN pg_rewrite r ON r.oid = d.objid
         JOIN pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
     )
     SELECT c.oid::text, c.relname AS name, c.relkind = 'm' AS materialized, c.relispopulated AS populated,
            pg_get_userbyid(c.relowner)::text AS owner, c.reloptions AS options, pg_get_viewdef(c.oid) AS query,
            ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                   ORDER BY a.attnum) AS columns,
            coalesce((SELECT json_agg(json_build_object('name', a.attname, 'comment', col_description(c.oid, a.attnum)) ORDER BY a.attnum)
               FROM pg_attribute a WHERE a.attrelid = c.oid AND col_description(c.oid, a.attnum) IS NOT NULL), '[]') AS "columnComments",
            coalesce((SELECT json_agg(DISTINCT jsonb_build_object('schema', rn.nspname, 'name', rc.relname))
               FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
                                                 AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> c.oid
               JOIN pg_class rc ON rc.oid = d.refobjid JOIN pg_namespace rn ON rn.oid = rc.relnamespace
              WHERE r.ev_class = c.oid AND rn.nspname NOT IN ('pg_catalog', 'information_schema')), '[]') AS reads,
            obj_description(c.oid, 'pg_class') AS comment
       FROM reading
       JOIN pg_class c ON c.oid = reading.oid AND c.relkind IN ('v', 'm')
      WHERE c.relnamespace = $2::text::regnamespace
        AND obj_description(c.oid, 'pg_class') IS DISTINCT FROM $3
      ORDER BY c.relname`,
    [oids, `"${reader.schema.replaceAll('"', '""')}"`, activeViewComment],
  );
  return rows.map(([row, plain]) => ({
    ...row,
    query: reader.text(row.query.replace(/;$/, ""), plain.query.replace(/;$/, ""), `view ${row.name}`),
  }));
}
