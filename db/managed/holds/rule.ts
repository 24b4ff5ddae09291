import { type Column, isExact, textOf } from "../capture/columns.ts";
import { resourceId } from "../capture/key.ts";
import type { PathStep, TenantSource } from "../capture/tenant.ts";
import { identifier, literal, relation } from "../statement.ts";

/** Rows that a hold keeps: those for which every part holds. A part that is null, or no value, means "any". */
export interface HoldRule {
  schema: string | null;
  table: string | null;
  /** The tenant's key, as the application writes it. */
  tenant: string | null;
  /** The primary key's canonical text. */
  record: string | null;
  /** What columns hold, as the audit log writes it. */
  values: Record<string, string>;
}

export interface Hold {
  id: string;
  name: string;
  rules: HoldRule[];
}

/** A table as far as holds are about it. */
export interface HoldableTable {
  schema: string;
  name: string;
  columns: Column[];
  primaryKey: string[];
  partitioned: boolean;
  tenant: TenantSource | null;
  /** Whether its rows can be marked as deleted. */
  marks: boolean;
  /** Whether only a rule that names it covers it, since it holds nothing of the application's. */
  aside?: boolean;
}

export type PathSource = Extract<TenantSource, { kind: "path" }>;

/** Whether some row of the table can be kept by the rule. */
export function covers(rule: HoldRule, table: HoldableTable): boolean {
  const { tenant } = table;
  if (rule.schema !== null && rule.schema !== table.schema) return false;
  if (rule.table !== null && rule.table !== table.name) return false;
  if (rule.table === null && table.aside) return false;
  if (rule.tenant !== null && tenant === null) return false;
  if (rule.tenant !== null && tenant?.kind === "constant" && tenant.key !== rule.tenant) return false;
  if (rule.record !== null && keyColumnsOf(table).length === 0) return false;
  return Object.keys(rule.values).every((name) => columnNamed(table, name) !== undefined);
}

/** SQL, never NULL: whether the rule keeps the row `alias` of a table that it covers. */
export function keptSql(rule: HoldRule, table: HoldableTable, alias: string): string {
  const parts = ownParts(rule, table, alias);
  if (rule.tenant !== null && table.tenant?.kind !== "constant") {
    parts.push(`${tenantSql(table, alias)} = ${literal(rule.tenant)}`);
  }
  return parts.length === 0 ? "true" : `coalesce(${parts.join(" AND ")}, false)`;
}

/** What a rule asks of the row's own columns, beside its tenant. */
export function ownParts(rule: HoldRule, table: HoldableTable, alias: string): string[] {
  const parts: string[] = [];
  if (rule.record !== null) parts.push(`${resourceId(keyColumnsOf(table), alias)} = ${literal(rule.record)}`);
  for (const [name, value] of Object.entries(rule.values)) {
    const column = columnNamed(table, name);
    if (column) parts.push(`(${textOf(column, alias)}) = ${literal(value)}`);
  }
  return parts;
}

/** The columns by which a rule knows its rows, the way to their tenant among them. */
export function knownBy(rule: HoldRule, table: HoldableTable): string[] {
  const { tenant } = table;
  const byTenant =
    rule.tenant === null || tenant === null || tenant.kind === "constant"
      ? []
      : tenant.kind === "path"
        ? (tenant.steps[0]?.columns ?? [])
        : [tenant.column];
  return [...table.primaryKey, ...byTenant, ...Object.keys(rule.values)];
}

/**
 * SQL: the tenant of the row `alias`; NULL where it does not tell. The way is looked up in the statement itself: where it is broken
 * the statement fails, and nothing that is held can go.
 */
export function tenantSql(table: HoldableTable, alias: string): string {
  const { tenant: source } = table;
  if (source === null) return "NULL::text";
  if (source.kind === "constant") return `${literal(source.key)}::text`;
  if (source.kind === "path") {
    return `(SELECT step${source.steps.length}.${identifier(source.column)}::text
               FROM ${stepsFrom(source.steps, 0)}
              WHERE ${joined(source.steps[0], alias, "step1", table)} LIMIT 1)`;
  }
  const column = columnNamed(table, source.column);
  return column ? `(${textOf(column, alias)})` : "NULL::text";
}

/** The tables of a path from one of its steps on, joined; `stepN` is the table that step N leads to. */
export function stepsFrom(steps: readonly PathStep[], from: number): string {
  const [first, ...others] = steps.slice(from).map((step, at) => {
    const name = `step${from + at + 1}`;
    const table = `${relation(step.schema, step.table)} AS ${name}`;
    return at === 0 ? table : `JOIN ${table} ON ${joined(step, `step${from + at}`, name)}`;
  });
  return [first, ...others].join(" ");
}

/** A step of a path as a condition over the child's and the parent's alias. */
export function joined(step: PathStep | undefined, child: string, parent: string, table?: HoldableTable): string {
  if (!step) throw new TypeError("A path to the tenant has at least one step.");
  return step.columns
    .map((column, at) => {
      const type = table && columnNamed(table, column)?.type;
      const own = `${child}.${identifier(column)}`;
      const other = `${parent}.${identifier(step.parentColumns[at] ?? column)}`;
      return type === undefined || isExact(type) ? `${other} = ${own}` : `${other}::text = ${own}::text`;
    })
    .join(" AND ");
}

export function columnNamed(table: HoldableTable, name: string): Column | undefined {
  return table.columns.find((column) => column.name === name);
}

/** The key's columns; none when one of them is gone. */
export function keyColumnsOf(table: HoldableTable): Column[] {
  const found = table.primaryKey.flatMap((name) => columnNamed(table, name) ?? []);
  return found.length === table.primaryKey.length ? found : [];
}
