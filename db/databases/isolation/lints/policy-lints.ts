import type { Policy } from "../policies.ts";
import { nameOf, quoted, type Subject } from "../subjects.ts";
import type { Lint, Surveyed } from "./rules.ts";
import { sources } from "./sources.ts";

/** What a policy's own text shows. */
export function policyLints({ policies, routines, subjects }: Surveyed): Lint[] {
  const byOid = new Map(subjects.map((one) => [one.relation.oid, one]));
  const functions = new Map(routines.map((one) => [one.oid, one]));
  return policies.flatMap((policy): Lint[] => {
    const subject = byOid.get(policy.table);
    if (!subject) return [];
    const volatile = policy.functions
      .flatMap((oid) => functions.get(oid) ?? [])
      .filter(({ volatility }) => volatility === "v");
    return [
      ...volatile.map(
        (one): Lint => ({
          kind: "volatile function in a policy",
          severity: "warning",
          at: subject.relation,
          part: `${policy.name} ${one.signature}`,
          what: `The policy ${policy.name} calls ${one.signature}, which is volatile.`,
          why: "It runs once for every row of every tenant and keeps the index on the tenant's column from being used, so that a slow query of one tenant is slow by everybody's rows.",
          mends: `ALTER FUNCTION ${one.signature} STABLE;`,
          source: sources.volatility,
        }),
      ),
      ...settingLints(policy, subject),
      ...checkLints(policy, subject),
    ];
  });
}

function settingLints(policy: Policy, { relation, tenantType }: Subject): Lint[] {
  const text = `${policy.using ?? ""} ${policy.check ?? ""}`;
  const found: Lint[] = [];
  const strict = text.match(/current_setting\('([^']+)'(::text)?\)/);
  if (strict) {
    found.push({
      kind: "setting without missing_ok",
      severity: "note",
      at: relation,
      part: policy.name,
      what: `The policy ${policy.name} reads the setting ${strict[1]} without missing_ok.`,
      why: "A session that never set it gets an error instead of no rows: nothing leaks, but a forgotten context is an outage.",
      mends: `-- in the policy: nullif(current_setting('${strict[1]}', true), '')::${tenantType}`,
      source: sources.currentSetting,
    });
  }
  const bare = text.match(/current_setting\('([^']+)'(::text)?(, true)?\)/);
  if (bare && !/nullif/i.test(text)) {
    found.push({
      kind: "setting without nullif",
      severity: "note",
      at: relation,
      part: policy.name,
      what: `The policy ${policy.name} takes the setting ${bare[1]} as it is, without nullif.`,
      why:
        tenantType === "text" || /character/.test(tenantType)
          ? "After a transaction that set it the setting is an empty text and not NULL: rows whose tenant is an empty text would be everybody's."
          : "After a transaction that set it the setting is an empty text and not NULL: the cast then fails, and a forgotten context is an error instead of no rows.",
      mends: `-- in the policy: nullif(current_setting('${bare[1]}', true), '')::${tenantType}`,
      source: sources.currentSetting,
    });
  }
  return found;
}

/** USING stands in for a missing WITH CHECK, so it matters where one may read more than one may write. */
function checkLints(policy: Policy, { relation, tenantColumn }: Subject): Lint[] {
  const wide = policy.using !== null && /\sOR\s|IS NULL/i.test(policy.using);
  if (policy.check !== null || !wide || !policy.permissive || !policy.applies) return [];
  if (policy.command !== "*" && policy.command !== "w") return [];
  return [
    {
      kind: "policy without WITH CHECK",
      severity: "warning",
      at: relation,
      part: policy.name,
      what: `The policy ${policy.name} admits more than the tenant's own rows by USING, and has no WITH CHECK.`,
      why: "What may be read that way may also be written: USING is taken for new rows too.",
      mends: `ALTER POLICY ${quoted(policy.name)} ON ${nameOf(relation)} WITH CHECK (${quoted(tenantColumn)} = …);`,
      source: sources.createPolicy,
    },
  ];
}
