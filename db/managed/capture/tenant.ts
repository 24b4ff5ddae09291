import { identifier, literal, relation } from "../statement.ts";
import { type Column, isExact, textOf } from "./columns.ts";

/** One step from a child table to its parent, through a foreign key; `schema` and `table` name the parent. */
export interface PathStep {
  schema: string;
  table: string;
  columns: string[];
  parentColumns: string[];
}

export type TenantSource =
  | { kind: "column"; column: string }
  | { kind: "path"; steps: PathStep[]; column: string }
  /** The tenants table itself: its own key names the tenant. */
  | { kind: "self"; column: string }
  | { kind: "constant"; key: string };

/**
 * SQL of an entry's tenant. A path is walked by a scalar subquery, an index lookup a row: a join would be planned once a session,
 * and a plan made for a bulk load would then scan the parent for every single row. Where the parent is gone, because it was deleted
 * by the same transaction, the tenant that the application named in `app.current_tenant_id` stands in.
 */
export function tenantOf(columns: readonly Column[], source: TenantSource | null, alias: string): string {
  if (source === null) return "tenant";
  if (source.kind === "constant") return literal(source.key);
  if (source.kind === "path")
    return `left(coalesce(${walk(columns, source.steps, source.column, alias)}, tenant), 200)`;
  const column = columns.find(({ name }) => name === source.column);
  if (!column) throw new TypeError(`The tenant column ${source.column} is not a column of the table.`);
  return `left(${textOf(column, alias)}, 200)`;
}

function walk(columns: readonly Column[], steps: readonly PathStep[], tenantColumn: string, alias: string): string {
  const last = `step${steps.length}`;
  const joined = steps.map((step, i) => {
    const from = i === 0 ? alias : `step${i}`;
    const matches = step.columns.map((column, k) =>
      match(columns, i === 0, `${from}.`, column, `step${i + 1}.`, step.parentColumns[k] ?? column),
    );
    const table = `${relation(step.schema, step.table)} AS step${i + 1}`;
    return { table, condition: matches.join(" AND ") };
  });
  const [first, ...others] = joined;
  if (!first) throw new TypeError("A path to the tenant has at least one step.");
  const joins = others.map(({ table, condition }) => ` JOIN ${table} ON ${condition}`).join("");
  return `(SELECT ${last}.${identifier(tenantColumn)}::text FROM ${first.table}${joins} WHERE ${first.condition} LIMIT 1)`;
}

function match(
  columns: readonly Column[],
  own: boolean,
  from: string,
  column: string,
  to: string,
  parentColumn: string,
): string {
  const left = `${from}${identifier(column)}`;
  const right = `${to}${identifier(parentColumn)}`;
  const type = columns.find(({ name }) => name === column)?.type;
  return !own || (type !== undefined && isExact(type)) ? `${left} = ${right}` : `${left}::text = ${right}::text`;
}
