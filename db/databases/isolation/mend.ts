import type { Attempt } from "./contract.ts";
import type { Vocabulary } from "./identities.ts";
import type { Policy } from "./policies.ts";
import { nameOf, quoted, type Subject } from "./subjects.ts";
import type { RoleFacts } from "./survey.ts";

// Which SQL mends a leak, from what the catalog says about the table. It is shown, never run.

export interface Diagnosis {
  why: string;
  mends: string;
}

const commandOf: Partial<Record<Attempt["verb"], Policy["command"]>> = {
  select: "r",
  "copy out": "r",
  insert: "a",
  "insert returning": "a",
  upsert: "w",
  "copy in": "a",
  update: "w",
  move: "w",
  delete: "d",
};

export function diagnose(
  subject: Subject,
  attempt: Attempt,
  facts: RoleFacts,
  policies: readonly Policy[],
  vocabulary: Vocabulary,
): Diagnosis {
  const { relation } = subject;
  const name = nameOf(relation);
  if (facts.superuser || facts.bypasses) {
    const which = facts.superuser ? "NOSUPERUSER NOBYPASSRLS" : "NOBYPASSRLS";
    return { why: `Policies do not hold for ${facts.name}.`, mends: `ALTER ROLE ${quoted(facts.name)} ${which};` };
  }
  if (!relation.rowSecurity) {
    return {
      why: "Row security is not switched on for this table.",
      mends: `${secure(subject, facts, vocabulary, policies)}`,
    };
  }
  if (relation.owned && !relation.forced) {
    return {
      why: `${facts.name} has the rights of the table's owner, for whom policies hold only when they are forced.`,
      mends: `ALTER TABLE ${name} FORCE ROW LEVEL SECURITY;`,
    };
  }
  const command = commandOf[attempt.verb] ?? "r";
  const governing = policies.filter(
    (one) =>
      one.table === relation.oid && one.applies && one.permissive && (one.command === "*" || one.command === command),
  );
  const checks = attempt.verb === "insert" || attempt.verb === "insert returning" || attempt.verb === "move";
  const ruleOf = (one: Policy): string => (checks ? (one.check ?? one.using) : one.using) ?? "";
  const loose =
    governing.find((one) => !namesTenant(ruleOf(one), subject)) ??
    governing.find((one) => / OR /i.test(ruleOf(one))) ??
    governing[0];
  if (!loose) return { why: "No policy explains it.", mends: secure(subject, facts, vocabulary, policies) };
  const part = checks ? "WITH CHECK" : "USING";
  const why = `The policy ${loose.name} admits it: ${part} ${ruleOf(loose) || "(true)"}.`;
  if (governing.length > 1 && !namesTenant(ruleOf(loose), subject)) {
    return { why, mends: `DROP POLICY ${quoted(loose.name)} ON ${name};` };
  }
  const rule = ruleFor(subject, vocabulary, policies);
  const using = loose.command === "a" ? "" : ` USING (${rule})`;
  const check = loose.command === "r" || loose.command === "d" ? "" : ` WITH CHECK (${rule})`;
  return { why, mends: `ALTER POLICY ${quoted(loose.name)} ON ${name}${using}${check};` };
}

function namesTenant(rule: string, { tenantColumn, path }: Subject): boolean {
  const columns = path[0] ? path[0].columns : [tenantColumn];
  return columns.some((column) => rule.includes(column));
}

export function secure(
  subject: Subject,
  facts: RoleFacts,
  vocabulary: Vocabulary,
  policies: readonly Policy[],
): string {
  const name = nameOf(subject.relation);
  const rule = ruleFor(subject, vocabulary, policies);
  return [
    `CREATE POLICY tenant ON ${name} TO ${quoted(facts.name)}\n  USING (${rule})\n  WITH CHECK (${rule});`,
    `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;`,
  ].join("\n");
}

/** The rule that other tables use, for this one: by its own column, or by its parent, whose policies hold in the subquery. */
function ruleFor(
  { tenantColumn, tenantType, path }: Subject,
  vocabulary: Vocabulary,
  policies: readonly Policy[],
): string {
  const [step] = path;
  if (step) {
    const on = step.columns.map((column, at) => `parent.${quoted(step.parentColumns[at] ?? "")} = ${quoted(column)}`);
    return `EXISTS (SELECT FROM ${nameOf({ schema: step.schema, name: step.table })} AS parent WHERE ${on.join(" AND ")})`;
  }
  const used = vocabulary.settings.find((setting) =>
    policies.some(({ using }) => using?.includes(`'${setting}'`) && using.includes(tenantColumn)),
  );
  const setting = used ?? vocabulary.settings[0] ?? "app.current_tenant_id";
  return `${quoted(tenantColumn)} = nullif(current_setting('${setting}', true), '')::${tenantType}`;
}
