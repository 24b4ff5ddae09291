import type { Attempt, Finding, RelationResult } from "./contract.ts";
import { sources } from "./lints/sources.ts";
import type { Around } from "./look-around.ts";
import { diagnose } from "./mend.ts";
import { nameOf, quoted } from "./subjects.ts";

/** One finding for each relation and cause: the verbs that leaked by it, the first statement that shows it and the SQL that mends it. */
export function leakFindings(around: Around, relations: readonly RelationResult[]): Finding[] {
  return relations.flatMap((result) => {
    const leaked = result.attempts.filter(({ outcome }) => outcome === "leaked");
    const causes = Map.groupBy(leaked, (attempt) => explain(around, result, attempt).mends);
    return [...causes.values()].map((attempts) => leakFinding(around, result, attempts));
  });
}

function leakFinding(around: Around, result: RelationResult, attempts: Attempt[]): Finding {
  const [first] = attempts;
  const { schema, name, kind } = result;
  const { why, mends, source } = explain(around, result, first);
  const verbs = [...new Set(attempts.map(({ verb }) => verb))];
  const sessions = attempts.map(({ session }) => (session.startsWith("tenant ") ? "a tenant" : session));
  return {
    key: ["leak", schema, name, kind, verbs[0]].join("|"),
    kind: `leak by ${verbs.join(", ")}`,
    severity: "critical",
    schema,
    name,
    what: `As ${first?.session ?? ""}: ${first?.detail ?? ""}.`,
    why,
    shows: first?.shows ?? null,
    mends,
    source,
    // Which two tenants were tried does not make it another finding; a changed policy, verb or kind of session does.
    evidence: [kind, ...verbs.toSorted(), ...[...new Set(sessions)].sort(), why].join("\n"),
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
