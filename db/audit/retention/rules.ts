import { and, asc, eq, isNull, ne, type SQL, sql } from "drizzle-orm";
import { type Control, control } from "../../control.ts";
import { consoleDatabase } from "../../fleet.ts";
import { retentionRules } from "../../schema/retention.ts";
import { staff } from "../../schema/staff.ts";
import { placements, tenants } from "../../schema/tenants.ts";
import { keepMonthsMax, type RetentionRule } from "./contract.ts";

/** The rules that hold for a database now, the one for all of it first. */
export function rulesOf(databaseId: string, tx: Control = control()): Promise<RetentionRule[]> {
  return rulesWhere(eq(retentionRules.databaseId, databaseId), tx);
}

/**
 * The rules on tenants that their own databases list, for those that live in this one or have lived here. They follow a tenant to keep
 * its entries for longer, never for a shorter time than this database's own rules.
 */
export async function followingRules(databaseId: string, tx: Control = control()): Promise<RetentionRule[]> {
  if (databaseId === consoleDatabase) return [];
  const hasBeenHere = sql`EXISTS (
    SELECT FROM ${placements} AS p JOIN ${tenants} AS t ON t.id = p.tenant_id
     WHERE t.key = ${retentionRules.tenant} AND t.home_database_id::text = ${retentionRules.databaseId}
       AND p.database_id = ${databaseId})`;
  return rulesWhere(and(ne(retentionRules.databaseId, databaseId), hasBeenHere), tx);
}

async function rulesWhere(which: SQL | undefined, tx: Control): Promise<RetentionRule[]> {
  const rows = await tx
    .select({ rule: retentionRules, setBy: staff.name })
    .from(retentionRules)
    .leftJoin(staff, eq(staff.id, retentionRules.setBy))
    .where(and(which, isNull(retentionRules.replacedAt)))
    .orderBy(asc(retentionRules.setAt), asc(retentionRules.id));
  return rows
    .map(({ rule, setBy }) => ({
      id: rule.id,
      databaseId: rule.databaseId,
      table: rule.table === null ? null : `${rule.schema}.${rule.table}`,
      tenant: rule.tenant,
      keepMonths: rule.keepMonths,
      hotMonths: rule.hotMonths,
      reason: rule.reason,
      setBy,
      setAt: rule.setAt,
    }))
    .sort((one, other) => weight(one) - weight(other));
}

/** Until the transaction ends no rule and no hold comes or grows, so that what they allow to remove stays what was asked. */
export async function lockRetention(tx: Control): Promise<void> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtext('caretaker.retention'))`);
}

/** How special a rule is: of all that fit an entry the most special one holds. */
export function weight(rule: Pick<RetentionRule, "table" | "tenant">): number {
  return (rule.table === null ? 0 : 1) + (rule.tenant === null ? 0 : 2);
}

/** What holds for a whole database; without a rule everything is kept for seven years, in PostgreSQL. */
export function wholeOf(rules: readonly RetentionRule[]): { keepMonths: number; hotMonths: number | null } {
  const whole = rules.find((rule) => weight(rule) === 0);
  return { keepMonths: whole?.keepMonths ?? keepMonthsMax, hotMonths: whole?.hotMonths ?? null };
}
