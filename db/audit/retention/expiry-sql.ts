import { monthAfter, monthOf } from "../archive/month.ts";
import type { Values } from "../conditions.ts";
import type { HoldRule, LegalHold, RetentionRule } from "./contract.ts";
import { weight, wholeOf } from "./rules.ts";

/** An entry's parts; null means any. */
type Scope = Pick<LegalHold, "table" | "tenant" | "record">;

/** Whether a month is past its time under a rule: its last entry has been kept for so many whole months. */
function isPast(month: string, keepMonths: number, now: Date): boolean {
  return monthAfter(month, keepMonths) < monthOf(now);
}

/** Whether anything of a month can be past its time. */
export function anyPast(month: string, rules: readonly RetentionRule[], now: Date): boolean {
  return [wholeOf(rules), ...rules].some(({ keepMonths }) => isPast(month, keepMonths, now));
}

/**
 * Entries of one month past their time, as DuckDB's SQL: of the rules that fit an entry the most special one holds, and each that
 * followed its tenant here must let it go as well.
 */
export function pastSql(
  values: Values,
  month: string,
  rules: readonly RetentionRule[],
  following: readonly RetentionRule[],
  now: Date,
): string {
  const special = rules.filter((rule) => weight(rule) > 0).toSorted((one, other) => weight(other) - weight(one));
  const cases = special.map(
    (rule) => `WHEN ${scopeSql(values, { ...rule, record: null })} THEN ${isPast(month, rule.keepMonths, now)}`,
  );
  const past = `CASE ${cases.join(" ")} WHEN true THEN ${isPast(month, wholeOf(rules).keepMonths, now)} END`;
  const longer = following.filter(({ keepMonths }) => !isPast(month, keepMonths, now));
  const kept = longer.map((rule) => `AND NOT coalesce(${followedSql(values, rule)}, false)`);
  return `(${[past, ...kept].join(" ")})`;
}

/** The table by its name alone: the schema is another one where the tenant has its own. */
function followedSql(values: Values, { table, tenant }: RetentionRule): string {
  const everywhere = scopeSql(values, { table: null, tenant, record: null });
  return table === null
    ? everywhere
    : `(${everywhere} AND resource_type = ${values.add(table.split(".")[1] ?? table)})`;
}

/**
 * Entries that some hold keeps. A hold on values keeps all entries of the tables that it names: what a row held at the time is
 * not always in its entries, and keeping too much loses nothing.
 */
export function heldSql(values: Values, holds: readonly { rules: HoldRule[] }[]): string {
  const kept = holds.flatMap(({ rules }) => rules);
  const parts = kept.map(({ schema, table, tenant, record }) => {
    const named = schema === null || table === null ? null : `${schema}.${table}`;
    return scopeSql(values, { table: named, tenant, record });
  });
  return parts.length === 0 ? "false" : `coalesce(${parts.join(" OR ")}, false)`;
}

function scopeSql(values: Values, { table, tenant, record }: Scope): string {
  const parts: string[] = [];
  if (table !== null) parts.push(`concat_ws('.', resource_schema, resource_type) = ${values.add(table)}`);
  if (tenant !== null) parts.push(`coalesce(tenant_id = ${values.add(tenant)}, false)`);
  if (record !== null) parts.push(`coalesce(resource_id = ${values.add(record)}, false)`);
  return parts.length === 0 ? "true" : `(${parts.join(" AND ")})`;
}
