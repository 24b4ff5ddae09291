import { identifier, type Statement } from "../../statement.ts";
import type { Policy, Table, Trigger } from "../definition.ts";
import { list, type Naming } from "../naming.ts";
import { made } from "./made.ts";

const states: Record<string, string> = { D: "DISABLE", R: "ENABLE REPLICA", A: "ENABLE ALWAYS" };

/** The application's triggers. They come after the rows, or they would fire for each of them. */
export function triggerStatements(relation: { name: string; triggers: Trigger[] }, naming: Naming): Statement[] {
  const name = naming.own(relation.name);
  return relation.triggers.flatMap((trigger) => {
    const object = `trigger ${identifier(trigger.name)} on ${name}`;
    const state = states[trigger.enabled];
    return [
      made(object, "The application's own.", `${trigger.head} ${name}${naming.text(trigger.tail)}`),
      ...(state
        ? [made(object, "As the original's.", `ALTER TABLE ${name} ${state} TRIGGER ${identifier(trigger.name)}`)]
        : []),
    ];
  });
}

/** The application's policies, and whether they hold. */
export function policyStatements(table: Table, naming: Naming): Statement[] {
  const name = naming.own(table.name);
  const { enabled, forced } = table.rowSecurity;
  const switches = [...(enabled ? ["ENABLE ROW LEVEL SECURITY"] : []), ...(forced ? ["FORCE ROW LEVEL SECURITY"] : [])];
  return [
    ...table.policies.map((policy) =>
      made(`policy ${identifier(policy.name)} on ${name}`, "The application's own.", policySql(policy, name, naming)),
    ),
    ...(switches.length > 0
      ? [made(`row security of ${name}`, "As the original's.", `ALTER TABLE ${name} ${switches.join(", ")}`)]
      : []),
  ];
}

function policySql(policy: Policy, table: string, naming: Naming): string {
  const parts = [
    `CREATE POLICY ${identifier(policy.name)} ON ${table} AS ${policy.permissive ? "PERMISSIVE" : "RESTRICTIVE"} FOR ${policy.command}`,
    `TO ${policy.roles.length > 0 ? list(policy.roles) : "PUBLIC"}`,
  ];
  if (policy.using !== null) parts.push(`USING (${naming.text(policy.using)})`);
  if (policy.check !== null) parts.push(`WITH CHECK (${naming.text(policy.check)})`);
  return parts.join(" ");
}
