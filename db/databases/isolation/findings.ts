import type { Attempt, Finding, RelationResult } from "./contract.ts";
import { sources } from "./lints/sources.ts";
import type { Around } from "./look-around.ts";
import { diagnose } from "./mend.ts";
import { nameOf, quoted } from "./subjects.ts";

/** One finding for each relation and verb that leaked, with the first statement that shows it and the SQL that mends it. */
export function leakFindings(around: Around, relations: readonly RelationResult[]): Finding[] {
  return relations.flatMap((result) => {
    const leaked = Map.groupBy(
      result.attempts.filter(({ outcome }) => outcome === "leaked"),
      ({ verb }) => verb,
    );
    return [...leaked].map(([verb, attempts]) => leakFinding(around, result, verb, attempts));
  });
}

function leakFinding(around: Around, result: RelationResult, verb: Attempt["verb"], attempts: Attempt[]): Finding {
  const [first] = attempts;
  const { schema, name, kind } = result;
  const { why, mends, source } = explain(around, result, first);
  const sessions = [...new Set(attempts.map(({ session }) => session))];
  const as = sessions
    .map((session) => (session.startsWith("tenant ") ? "another tenant's session" : session))
    .join(", ");
  return {
    key: [`leak by ${verb}`, schema, name, kind].join("|"),
    kind: `leak by ${verb}`,
    severity: "critical",
    schema,
    name,
    what: `${first?.session ?? ""} ${first?.detail ?? ""}`.trim(),
    why,
    shows: first?.shows ?? null,
    mends,
    source,
    // Which two tenants were tried does not make it another finding; a changed policy or another kind of session does.
    evidence: [kind, verb, [...new Set(as.split(", "))].sort().join(", "), why].join("\n"),
  };
}

function explain(
  around: Around,
  { schema, name, kind }: RelationResult,
  first: Attempt | undefined,
): { why: string; mends: string; source: string } {
  const full = nameOf({ schema, name });
  const role = quoted(around.facts.name);
  if (kind === "view") {
    return {
      why: "The view reads with its owner's rights, for whom the policies of its tables do not hold, or its own condition admits too much.",
      mends: `ALTER VIEW ${full} SET (security_invoker = true);`,
      source: sources.definerView,
    };
  }
  if (kind === "materialized view") {
    return {
      why: "A materialized view holds what its owner saw when it was refreshed, and cannot have policies.",
      mends: `REVOKE SELECT ON ${full} FROM ${role}, PUBLIC;`,
      source: sources.materialised,
    };
  }
  if (kind === "function") {
    const routine = around.routines.find((one) => one.schema === schema && one.signature === name);
    return {
      why: `It runs with the rights of ${routine?.owner ?? "its owner"}, for whom the policies do not hold.`,
      mends: `ALTER FUNCTION ${name} SECURITY INVOKER;`,
      source: sources.createFunction,
    };
  }
  if (kind === "partition") {
    return {
      why: "The policies of the partitioned table hold only for who goes through it; the role may also name the partition.",
      mends: `REVOKE ALL ON ${full} FROM ${role}, PUBLIC;`,
      source: sources.rowSecurity,
    };
  }
  const subject = around.subjects.find(({ relation }) => relation.schema === schema && relation.name === name);
  if (!subject || !first) {
    return {
      why: "The role of one tenant may use another tenant's schema.",
      mends: `REVOKE USAGE ON SCHEMA ${quoted(schema)} FROM ${quoted(first?.session.replace(/^role /, "") ?? "")};`,
      source: sources.rowSecurity,
    };
  }
  return { ...diagnose(subject, first, around.facts, around.policies, around.vocabulary), source: sources.rowSecurity };
}
