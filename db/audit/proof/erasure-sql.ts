import type pg from "pg";
import { pointer } from "../cold/images.ts";
import { Values } from "../conditions.ts";
import type { ErasureInput } from "./contract.ts";
import { mark, traces } from "./erased-values.ts";

/** Conditions on entries, and their parameters. */
interface Where {
  where: string;
  values: unknown[];
}

/** The entries in PostgreSQL that hold the subject's values: those that were erased already hold none. */
export function erasureWhere({ subject }: ErasureInput): Where {
  const values = new Values();
  if (subject.kind === "actor") {
    const said = `ip_address IS NOT NULL OR user_agent IS NOT NULL OR metadata ?| ${values.add(traces)}::text[]`;
    return { where: `user_id = ${values.add(subject.user)} AND (${said})`, values: values.list };
  }
  const where = `resource_schema = ${values.add(subject.schema)} AND resource_type = ${values.add(subject.table)}
                 AND resource_id = ANY (${values.add(subject.records)}::text[])
                 AND ${holdsValue(values, subject.columns)}`;
  return { where, values: values.list };
}

/** The entry holds a value in one of these columns, and not only the mark of one that was erased. */
export function holdsValue(values: Values, columns: readonly string[]): string {
  return `EXISTS (SELECT FROM (VALUES (old_values), (new_values), (changes)) AS image (doc), jsonb_each(image.doc) AS member
                              WHERE member.key = ANY (${values.add(columns)}::text[])
                                AND member.value NOT IN ('null', '"${mark}"'))`;
}

/** The same of an archived month, as DuckDB's SQL. */
export function archivedErasureWhere({ subject }: ErasureInput): { where: string; values: string[] } {
  const values = new Values();
  const has = (image: string, keys: readonly string[]) =>
    keys.map((key) => `json_exists(${image}, ${values.add(pointer(key))})`).join(" OR ");
  if (subject.kind === "actor") {
    const said = `ip_address IS NOT NULL OR user_agent IS NOT NULL OR ${has("metadata", traces)}`;
    return { where: `user_id = ${values.add(subject.user)} AND (${said})`, values: values.list.map(String) };
  }
  const where = `resource_schema = ${values.add(subject.schema)} AND resource_type = ${values.add(subject.table)}
                 AND resource_id IN (${subject.records.map((record) => values.add(record)).join(", ")})
                 AND ${archivedHoldsValue(values, subject.columns)}`;
  return { where, values: values.list.map(String) };
}

/** As `holdsValue`, as DuckDB's SQL. */
export function archivedHoldsValue(values: Values, columns: readonly string[]): string {
  const places = columns.map((column) => values.add(pointer(column)));
  const holds = ["old_values", "new_values", "changes"].flatMap((image) =>
    places.map(
      (at) =>
        `coalesce(json_type(${image}, ${at}) <> 'NULL' AND json_extract_string(${image}, ${at}) <> '${mark}', false)`,
    ),
  );
  return `(${holds.join(" OR ")})`;
}

/** The statement that takes the values out of those of a table's entries that have one of these ids; repeating it changes nothing. */
export function erasureSql(input: ErasureInput, relation: string, ids: readonly string[]): pg.QueryConfig {
  const { where, values } = erasureWhere(input);
  const text = `UPDATE ${relation} AS entry SET ${changes(input, values)}
                 WHERE ${where} AND entry.id = ANY ($${values.push(ids)}::bigint[])`;
  return { text, values };
}

function changes({ subject }: ErasureInput, values: unknown[]): string {
  if (subject.kind === "actor") {
    return `ip_address = NULL, user_agent = NULL, metadata = metadata - $${values.push(traces)}::text[]`;
  }
  const columns = `$${values.push(subject.columns)}::text[]`;
  return ["old_values", "new_values", "changes"].map((column) => `${column} = ${without(column, columns)}`).join(", ");
}

/** The same object with each named value replaced; null stays null, and a key that is not there does not appear. */
function without(column: string, columns: string): string {
  return `coalesce(
    (SELECT jsonb_object_agg(key, CASE WHEN key = ANY (${columns}) AND value <> 'null' THEN '"${mark}"' ELSE value END)
       FROM jsonb_each(${column})), ${column})`;
}
