import type { Sequence } from "../definition.ts";
import type { Reader } from "../reader.ts";

/** Sequences that belong to columns of these tables, or that their defaults draw from within the schema. */
export async function readSequences(reader: Reader, oids: readonly string[]): Promise<Omit<Sequence, "grants">[]> {
  return await reader.once<Omit<Sequence, "grants">>(
    `WITH used AS (
       SELECT d.objid AS oid FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
          AND d.refobjid = ANY ($1::oid[]) AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
        UNION
       SELECT d.refobjid FROM pg_attrdef f
         JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass
        WHERE f.adrelid = ANY ($1::oid[])
     )
     SELECT c.oid::text, n.nspname AS schema, c.relname AS name, format_type(s.seqtypid, NULL) AS type,
            s.seqstart::text AS start, s.seqincrement::text AS increment, s.seqmin::text AS min, s.seqmax::text AS max,
            s.seqcache::text AS cache, s.seqcycle AS cycle, c.relpersistence = 'u' AS unlogged,
            pg_get_userbyid(c.relowner)::text AS owner, t.relname AS "table", a.attname AS "column",
            coalesce(d.deptype = 'i', false) AS identity, obj_description(c.oid, 'pg_class') AS comment
       FROM used
       JOIN pg_class c ON c.oid = used.oid AND c.relkind = 'S'
       JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_sequence s ON s.seqrelid = c.oid
       LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
                            AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') AND d.refobjid = ANY ($1::oid[])
       LEFT JOIN pg_class t ON t.oid = d.refobjid
       LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      ORDER BY c.relname`,
    [oids],
  );
}
