import { quote } from "../../managed/row-key.ts";
import { literal } from "../../managed/statement.ts";
import type { Column, TableShape } from "../table-shape.ts";
import { rows, willOf } from "./scratch.ts";
import { storedColumns } from "./work.ts";

/** The columns of a JSON document, each in its type, as a relation of one row. */
export function typed(doc: string, columns: readonly Column[], alias: string, plain = false): string {
  if (columns.length === 0) return `(SELECT) AS ${alias}`;
  const list = columns.map(({ name, type, plainType }) => `${quote(name)} ${plain ? plainType : type}`);
  return `jsonb_to_record(${doc}) AS ${alias} (${list.join(", ")})`;
}

/** A row as it will stand: what stands now, and what is written over it. */
export function standsAs(alias: string): string {
  return `(coalesce(${alias}.standing, '{}') || ${willOf(alias)})`;
}

/**
 * The open rows of a table as they will stand, as a subquery: their numbers as `caretaker_n`, and every column in its type. Of a
 * domain it is the type beneath, since a column that is left to its default is not there yet.
 */
export function resulting(tab: number, shape: TableShape, where = "true"): string {
  const stored = `SELECT r.n AS caretaker_n, v.*
         FROM ${rows} AS r CROSS JOIN LATERAL ${typed(standsAs("r"), storedColumns(shape), "v", true)}
        WHERE r.tab = ${tab} AND r.state = 'open' AND r.act <> 'delete' AND ${where}`;
  const computed = shape.columns.flatMap(({ name, generatedAs }) =>
    generatedAs === null ? [] : [`${generatedAs} AS ${quote(name)}`],
  );
  return computed.length === 0 ? `(${stored})` : `(SELECT v.*, ${computed.join(", ")} FROM (${stored}) AS v)`;
}

/** A JSON array of columns of a document, by which keys are compared whatever their type. */
export function keyArray(doc: string, columns: readonly string[]): string {
  return `jsonb_build_array(${columns.map((name) => `${doc} -> ${literal(name)}`).join(", ")})`;
}

/** An image without what cannot be read of it. json[] is recorded as its text. */
export function readable(alias: string, columns: readonly Column[]): string {
  const lists = columns.filter(({ baseType }) => baseType === "_json");
  const own = `(${alias}.image - ${alias}.withheld)`;
  return lists.reduce((doc, { name }) => {
    const text = `${alias}.image ->> ${literal(name)}`;
    return `(${doc} || CASE WHEN ${own} ? ${literal(name)} THEN jsonb_build_object(${literal(name)}, (${text})::json[]) ELSE '{}' END)`;
  }, own);
}
