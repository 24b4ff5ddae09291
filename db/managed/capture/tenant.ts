import { identifier, literal, relation } from "../statement.ts";
import { isExact, textOf } from "./columns.ts";
import { type Slot, slotNamed } from "./rows.ts";

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

/** SQL of a text's first so many characters. A cast looks at the length only, where left() would go through the characters. */
export function shortened(text: string, charactersMax: number): string {
  return `${text}::varchar(${charactersMax})::text`;
}

/** SQL of an entry's tenant as the row `alias` tells it; NULL where it does not. */
export function tenantOf(slots: readonly Slot[], source: TenantSource | null, alias: string, walker: string): string {
  if (source === null) return "NULL::text";
  if (source.kind === "constant") return `${literal(source.key)}::text`;
  if (source.kind !== "path") return shortened(`(${textOf(slotNamed(slots, source.column), alias)})`, 200);
  const keys = firstStep(source.steps).columns.map(
    (column) => `${alias}.${identifier(slotNamed(slots, column).name)}::text`,
  );
  return `${walker}(ARRAY[${keys.join(", ")}])`;
}

/** The columns of the row itself that tell its tenant. */
export function sourceColumns(source: TenantSource | null): string[] {
  if (source === null || source.kind === "constant") return [];
  return source.kind === "path" ? firstStep(source.steps).columns : [source.column];
}

/** Whether `app.current_tenant_id` stands in where the row does not tell: without a source, or when its parent is gone. */
export function fallsBack(source: TenantSource | null): boolean {
  return source === null || source.kind === "path";
}

/**
 * The function that walks from a child row to its tenant, an index lookup a step. Not a join: that would be planned once a session,
 * and a plan made for a bulk load would then scan the parent for every single row. It answers NULL when the parent was deleted
 * by the same transaction, and also when a parent table was renamed since: the application's write goes on.
 */
export function walkerFunction(slots: readonly Slot[], source: TenantSource, walker: string): string | null {
  if (source.kind !== "path") return null;
  const [first, ...others] = source.steps.map((step, i) => `${relation(step.schema, step.table)} AS step${i + 1}`);
  const joins = source.steps.slice(1).map((step, i) => {
    const matches = step.columns.map(
      (column, k) => `step${i + 2}.${identifier(step.parentColumns[k] ?? column)} = step${i + 1}.${identifier(column)}`,
    );
    return `\n      JOIN ${others[i]} ON ${matches.join(" AND ")}`;
  });
  const start = firstStep(source.steps);
  const matches = start.columns.map((column, k) => {
    const { type } = slotNamed(slots, column);
    const parent = `step1.${identifier(start.parentColumns[k] ?? column)}`;
    return isExact(type) ? `${parent} = keys[${k + 1}]::${type}` : `${parent}::text = keys[${k + 1}]`;
  });
  return `
CREATE OR REPLACE FUNCTION ${walker}(keys text[]) RETURNS text
LANGUAGE plpgsql STABLE
AS $walk$
BEGIN
  RETURN (
    SELECT left(step${source.steps.length}.${identifier(source.column)}::text, 200)
      FROM ${first}${joins.join("")}
     WHERE ${matches.join(" AND ")}
     LIMIT 1);
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END
$walk$`.trim();
}

function firstStep(steps: readonly PathStep[]): PathStep {
  const [first] = steps;
  if (!first) throw new TypeError("A path to the tenant has at least one step.");
  return first;
}
