import { createHash } from "node:crypto";
import { and, eq, isNull, sql } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { retentionRules } from "../../schema/retention.ts";
import { isDue } from "../archive/due.ts";
import { hotMonths } from "../archive/standing.ts";
import { auditedDatabase } from "../scope.ts";
import type { RetentionChange, RetentionPlan, RetentionRule, SetRetention } from "./contract.ts";
import { withoutEffect } from "./effect.ts";
import { lockRetention, rulesOf, wholeOf } from "./rules.ts";

type Kept = RetentionPlan["after"];

/** What a change of retention would do. Nothing is removed by it: entries past their time are removed by an act of its own. */
export async function planRetention(actor: Actor, change: RetentionChange): Promise<RetentionPlan> {
  authorise(actor, "audit.read");
  const { name } = await auditedDatabase(change.databaseId);
  const rules = await rulesOf(change.databaseId);
  assertSound(change, rules);
  const own = ownRule(change, rules);
  const whole = wholeOf(rules);
  const after = { keepMonths: change.keepMonths, hotMonths: change.hotMonths };
  const before = own ?? {
    keepMonths: whole.keepMonths,
    hotMonths: change.table || change.tenant ? null : whole.hotMonths,
  };
  const months = isWhole(change) ? await withDatabase(change.databaseId, hotMonths) : [];
  const place = placeOf(name, change);
  const parts = [place, change.databaseId, own?.id ?? null, after];
  return {
    databaseName: name,
    place,
    subject: subjectOf(place, isWhole(change), before, after),
    before: { keepMonths: before.keepMonths, hotMonths: before.hotMonths, own: own !== undefined },
    after,
    due: months.map(({ month }) => month).filter((month) => isDue(month, change.hotMonths, new Date())),
    withoutEffect: withoutEffect(name, isWhole(change) ? change.hotMonths : whole.hotMonths),
    hash: createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32),
  };
}

/** Sets how long entries are kept. The rule before is kept as what held until now. Needs a second person. */
export async function setRetention(actor: Actor, input: SetRetention): Promise<{ id: string }> {
  authorise(actor, "retention.manage");
  const plan = await planRetention(actor, input);
  const [schema = null, table = null] = input.table?.split(".") ?? [];
  const reason = input.reason?.trim();
  if (!reason) {
    throw new Refusal("invalid", "A change of retention needs a reason.", {
      fieldErrors: { reason: "Say why; it stays with the rule." },
    });
  }
  return inControl(
    actor,
    async (tx) => {
      const need = { tier: "costly", subject: plan.subject, planHash: plan.hash, secondPerson: true } as const;
      await requireConsent(tx, actor, { verb: "retention.set", ...need }, input);
      await lockRetention(tx);
      const same = and(
        eq(retentionRules.databaseId, input.databaseId),
        sql`${retentionRules.schema} IS NOT DISTINCT FROM ${schema}`,
        sql`${retentionRules.table} IS NOT DISTINCT FROM ${table}`,
        sql`${retentionRules.tenant} IS NOT DISTINCT FROM ${input.tenant}`,
        isNull(retentionRules.replacedAt),
      );
      await tx.update(retentionRules).set({ replacedAt: new Date().toISOString() }).where(same);
      const { databaseId, tenant, keepMonths, hotMonths: hot } = input;
      const [row] = await tx
        .insert(retentionRules)
        .values({ databaseId, schema, table, tenant, keepMonths, hotMonths: hot, reason, setBy: actor.staffId })
        .returning({ id: retentionRules.id });
      if (!row) throw new Error("The rule was not recorded.");
      return row;
    },
    { reason },
  );
}

function assertSound(change: RetentionChange, rules: readonly RetentionRule[]): void {
  if (change.hotMonths !== null && !isWhole(change)) {
    throw new Refusal("invalid", "How long entries stay in PostgreSQL is set for a whole database.", {
      fieldErrors: { hotMonths: "Leave it empty here." },
    });
  }
  const hot = isWhole(change) ? change.hotMonths : wholeOf(rules).hotMonths;
  const others = isWhole(change) ? rules.filter((rule) => !isWhole(rule)) : [];
  const shortest = Math.min(change.keepMonths, ...others.map(({ keepMonths }) => keepMonths));
  if (hot === null || hot <= shortest) return;
  throw new Refusal("invalid", `Entries would stay in PostgreSQL for ${hot} months and be kept for ${shortest}.`, {
    fix: "Entries are removed from archived months only: keep them in PostgreSQL for a shorter time than in all.",
    fieldErrors: { keepMonths: `At least ${hot} months, or a shorter time in PostgreSQL.` },
  });
}

function ownRule(change: RetentionChange, rules: readonly RetentionRule[]): RetentionRule | undefined {
  return rules.find(({ table, tenant }) => table === change.table && tenant === change.tenant);
}

function isWhole({ table, tenant }: Pick<RetentionRule, "table" | "tenant">): boolean {
  return table === null && tenant === null;
}

function placeOf(database: string, { table, tenant }: RetentionChange): string {
  return [database, table, tenant && `tenant ${tenant}`].filter(Boolean).join(", ");
}

/** Says all of the change, since a second person agrees to it by its subject. */
function subjectOf(place: string, whole: boolean, before: Kept, after: Kept): string {
  const kept = `${place}: kept for ${after.keepMonths} months instead of ${before.keepMonths}`;
  if (!whole) return kept;
  const hot = ({ hotMonths: months }: Kept) => (months === null ? "always" : `for ${months} months`);
  return `${kept}, in PostgreSQL ${hot(after)} instead of ${hot(before)}`;
}
