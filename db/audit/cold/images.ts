import type { Bind } from "../query/sql.ts";
import type { Value } from "../query/terms.ts";

/** A column of a row's image as a JSON pointer (RFC 6901), in which any name can be written. */
export function pointer(key: string): string {
  return `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The text of one column of an image, as `->>` gives it. */
export function imageText(bind: Bind, image: string, key: string): string {
  return `json_extract_string(${image}, ${bind(pointer(key))})`;
}

/** The text of one column in the state after: an update keeps only what it changed, the rest is as before. */
export function newText(bind: Bind, key: string): string {
  const [changed, before, after] = ["changes", "old_values", "new_values"].map((image) => imageText(bind, image, key));
  const isChanged = `json_exists(changes, ${bind(pointer(key))})`;
  return `(CASE WHEN action <> 'update' THEN ${after} WHEN ${isChanged} THEN ${changed} ELSE ${before} END)`;
}

/**
 * Whether a column of an image has this value. Text finds the number or boolean that it spells as well as the string; a number
 * with a fraction is compared as a number, since DuckDB does not keep how it was written.
 */
export function columnValue(bind: Bind, image: string, key: string, { match, text }: Value): string {
  const at = bind(pointer(key));
  const value = `json_extract_string(${image}, ${at})`;
  const type = `json_type(${image}, ${at})`;
  if (match === "none") return `json_exists(${image}, ${at}) IS NOT TRUE`;
  if (match === "null") return `${type} = 'NULL'`;
  if (match === "prefix") return text === "" ? `${value} IS NOT NULL` : `starts_with(${value}, ${bind(text)})`;
  const same = `(${value} = ${bind(text)} AND ${type} NOT IN ('OBJECT', 'ARRAY'))`;
  if (!/^-?(0|[1-9]\d*)(\.\d+)?$/.test(text)) return same;
  return `(${same} OR (${type} = 'DOUBLE' AND TRY_CAST(${value} AS DOUBLE) = ${bind(text)}::DOUBLE))`;
}

/** As `columnValue`, in the state after. */
export function newValue(bind: Bind, key: string, value: Value): string {
  const of = (image: string) => columnValue(bind, image, key, value);
  if (value.match === "none") {
    return `(${of("new_values")} AND ${of("changes")} AND (action <> 'update' OR ${of("old_values")}))`;
  }
  const kept = `action = 'update' AND ${of("old_values")} AND NOT json_exists(changes, ${bind(pointer(key))})`;
  return `(${of("changes")} OR ${of("new_values")} OR (${kept}))`;
}
