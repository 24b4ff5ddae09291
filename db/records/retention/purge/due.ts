import type { HoldableTable } from "../../../managed/holds/rule.ts";
import { tenantSql } from "../../../managed/holds/rule.ts";
import { type KeyColumn, keyText, quote } from "../../../managed/row-key.ts";
import { literal } from "../../../managed/statement.ts";
import { asColumn, markedSql, utc } from "../../mark-time.ts";
import type { Policy } from "../contract.ts";

/** A table whose marked rows a policy speaks of. */
export interface PurgeTable extends HoldableTable {
  mark: { column: string; kind: "timestamp" | "boolean" };
  /** The mark's type, as format_type prints it. */
  markType: string;
  key: KeyColumn[];
  policies: Policy[];
  /** Whether rows under policies that are not switched on count as due too. */
  dry: boolean;
}

/** SQL: when the row `alias` was marked. Of a flag the log knows it, or nobody: then it is NULL, and the row is never due. */
export function markedAt({ mark, markType, key, schema, name }: PurgeTable, alias: string): string {
  const column = `${alias}.${quote(mark.column)}`;
  if (mark.kind === "timestamp") return utc(column, markType);
  return `(SELECT max(log.created_at) FROM caretaker.audit_logs AS log
            WHERE log.resource_schema = ${literal(schema)} AND log.resource_type = ${literal(name)}
              AND log.resource_id = ${keyText(alias, key)} AND log.action = 'update' AND log.changes ? ${literal(mark.column)})`;
}

/** SQL: the days for which the row `alias` is kept once it is marked; NULL when it is never removed. The most special policy holds. */
export function graceSql(table: PurgeTable, alias: string): string {
  const whole = table.policies.find(({ tenant }) => tenant === null);
  const own = table.policies.filter(({ tenant }) => tenant !== null);
  const rest = daysOf(table, whole);
  if (own.length === 0) return rest;
  const cases = own.map((policy) => `WHEN ${literal(policy.tenant ?? "")} THEN ${daysOf(table, policy)}`);
  return `(CASE ${tenantSql(table, alias)} ${cases.join(" ")} ELSE ${rest} END)`;
}

/** SQL: whether the row `alias` is marked and past its grace period. */
export function dueSql(table: PurgeTable, alias: string): string {
  const days = table.policies.map((policy) => daysOf(table, policy)).filter((text) => text !== never);
  if (days.length === 0) return "false";
  const least = Math.min(...days.map(Number));
  const marked = markedSql(table.mark, alias);
  const column = `${alias}.${quote(table.mark.column)}`;
  const bare =
    table.mark.kind === "timestamp"
      ? [`${column} <= ${asColumn(`(now() - interval '${least} days')`, table.markType)}`]
      : [];
  const exact = `${markedAt(table, alias)} <= now() - make_interval(days => ${graceSql(table, alias)})`;
  return [marked, ...bare, exact].join(" AND ");
}

const never = "NULL::integer";

function daysOf({ dry }: PurgeTable, policy: Policy | undefined): string {
  if (!policy || policy.deletion === "never" || (policy.onAt === null && !dry)) return never;
  return String(policy.graceDays);
}
