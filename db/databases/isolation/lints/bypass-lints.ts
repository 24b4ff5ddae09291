import { nameOf, quoted } from "../subjects.ts";
import type { Lint, Surveyed } from "./rules.ts";
import { sources } from "./sources.ts";

const database = { schema: "", name: "" };

/** Ways around policies: the role itself, what it can become, and what runs with somebody else's rights. */
export function bypassLints(surveyed: Surveyed): Lint[] {
  if (!surveyed.subjects.some(({ expected }) => expected)) return [];
  return [...roles(surveyed), ...owners(surveyed), ...views(surveyed), ...routines(surveyed), ...leakproof(surveyed)];
}

function roles({ facts }: Surveyed): Lint[] {
  const name = quoted(facts.name);
  if (facts.superuser) {
    return [
      {
        kind: "the application is a superuser",
        severity: "critical",
        at: database,
        what: `${facts.name}, as which the application connects, is a superuser.`,
        why: "No policy holds for it: every tenant's session sees every tenant's rows.",
        mends: `ALTER ROLE ${name} NOSUPERUSER NOBYPASSRLS;`,
        source: sources.rowSecurity,
      },
    ];
  }
  if (facts.bypasses) {
    return [
      {
        kind: "the application bypasses row security",
        severity: "critical",
        at: database,
        what: `${facts.name}, as which the application connects, has BYPASSRLS.`,
        why: "No policy holds for it: every tenant's session sees every tenant's rows.",
        mends: `ALTER ROLE ${name} NOBYPASSRLS;`,
        source: sources.rowSecurity,
      },
    ];
  }
  return facts.reachable
    .filter(({ superuser, bypasses }) => superuser || bypasses)
    .map(
      (one): Lint => ({
        kind: "the application can become a role that bypasses",
        severity: "critical",
        at: database,
        part: one.name,
        what: `${facts.name} is a member of ${one.name}, ${one.superuser ? "a superuser" : "which has BYPASSRLS"}.`,
        why: "SET ROLE is all it takes to see every tenant's rows.",
        mends: `REVOKE ${quoted(one.name)} FROM ${name};`,
        source: sources.rowSecurity,
      }),
    );
}

/** An owner is one SET ROLE away: policies do not hold for it unless forced, and it can switch them off. */
function owners({ facts, subjects }: Surveyed): Lint[] {
  const reachable = new Set(facts.reachable.map(({ name }) => name));
  const near = subjects.filter(
    ({ relation }) => relation.rowSecurity && !relation.owned && reachable.has(relation.owner),
  );
  return [...Map.groupBy(near, ({ relation }) => relation.owner)].map(([owner, of]): Lint => {
    const loose = of.filter(({ relation }) => !relation.forced).map(({ relation }) => relation.name);
    return {
      kind: "the application can become the owner",
      severity: loose.length > 0 ? "critical" : "warning",
      at: database,
      part: owner,
      what: `${facts.name} is a member of ${owner}, which owns ${of.length} secured tables.`,
      why:
        loose.length > 0
          ? `Policies do not hold for the owner of ${loose.slice(0, 5).join(", ")}: SET ROLE is all it takes to see every tenant's rows.`
          : "After SET ROLE it can switch row security off.",
      mends: `REVOKE ${quoted(owner)} FROM ${quoted(facts.name)};`,
      source: sources.rowSecurity,
    };
  });
}

/** PostgreSQL lets a function marked so see rows before the policies have filtered them. */
function leakproof({ routines: all }: Surveyed): Lint[] {
  return all
    .filter((one) => one.leakproof && one.executable)
    .map((one) => ({
      kind: "function marked leakproof",
      severity: "warning",
      at: one,
      part: one.signature,
      what: `${one.signature} is marked LEAKPROOF.`,
      why: "In a condition it may be called with rows of other tenants before the policies filter them: whatever it tells by an error or a notice, it tells about them.",
      mends: `ALTER FUNCTION ${one.signature} NOT LEAKPROOF;`,
      source: sources.createFunction,
    }));
}

/** Those that were tried have said so themselves; the rest could not be, and their definition is all there is. */
function views({ relations, subjects, viewSources, tried, facts }: Surveyed): Lint[] {
  const secured = new Map(subjects.filter(({ expected }) => expected).map((one) => [one.relation.oid, one]));
  return relations.flatMap((view): Lint[] => {
    const reads = (viewSources.get(view.oid) ?? []).flatMap((oid) => secured.get(oid) ?? []);
    if (!view.may.select || reads.length === 0 || (view.kind !== "v" && view.kind !== "m")) return [];
    const tables = [...new Set(reads.map(({ relation }) => relation.name))].join(", ");
    if (view.kind === "m") {
      return [
        {
          kind: "materialized view of tenants' rows",
          severity: "warning",
          at: view,
          what: `${facts.name} reads a materialized view of ${tables}.`,
          why: "A materialized view holds what its owner saw when it was refreshed, and cannot have policies.",
          mends: `REVOKE SELECT ON ${nameOf(view)} FROM ${quoted(facts.name)}, PUBLIC;`,
          source: sources.materialised,
        },
      ];
    }
    if (view.securityInvoker || tried.has(view.oid)) return [];
    const bypassing =
      view.ownerBypasses || reads.some(({ relation }) => relation.owner === view.owner && !relation.forced);
    if (!bypassing) return [];
    return [
      {
        kind: "view without security_invoker",
        severity: "warning",
        at: view,
        what: `It reads ${tables} with the rights of its owner ${view.owner}, for whom policies do not hold.`,
        why: "Unless the view filters by itself, every tenant sees every tenant's rows in it.",
        mends: `ALTER VIEW ${nameOf(view)} SET (security_invoker = true);`,
        source: sources.definerView,
      },
    ];
  });
}

function routines({ routines: all, subjects, tried, policies }: Surveyed): Lint[] {
  const names = subjects.filter(({ expected }) => expected).map(({ relation }) => relation.name);
  const inPolicies = new Set(policies.flatMap(({ functions }) => functions));
  return all.flatMap((one): Lint[] => {
    if (!one.definer || !one.executable || /trigger/.test(one.result)) return [];
    const path: Lint[] = one.fixedPath
      ? []
      : [
          {
            kind: "definer function without a fixed search_path",
            severity: "note",
            at: one,
            part: one.signature,
            what: `${one.signature} runs with the rights of ${one.owner} and looks names up where its caller says.`,
            why: "A caller that can create objects can make it read or call its own.",
            mends: `ALTER FUNCTION ${one.signature} SET search_path = pg_catalog, pg_temp;`,
            source: sources.searchPath,
          },
        ];
    const reads = names.filter((name) =>
      new RegExp(`(^|[^a-zA-Z0-9_])${escaped(name)}([^a-zA-Z0-9_]|$)`).test(one.body),
    );
    // A truth carries no row, and what policies themselves call is meant to.
    if (reads.length === 0 || tried.has(one.oid) || inPolicies.has(one.oid) || one.result === "boolean") return path;
    return [
      ...path,
      {
        kind: "definer function that reads tenants' rows",
        severity: "warning",
        at: one,
        part: one.signature,
        what: `${one.signature} uses ${reads.join(", ")} with the rights of ${one.owner}, and could not be tried.`,
        why: "Policies hold for its owner's role and not for the caller's.",
        mends: `ALTER FUNCTION ${one.signature} SECURITY INVOKER;`,
        source: sources.createFunction,
      },
    ];
  });
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
