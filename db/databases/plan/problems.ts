import { activeView } from "../../managed/active-view.ts";
import type { Catalog } from "../catalog.ts";
import { tableKey } from "../classify/table-key.ts";
import type { DatabaseModel, Drift, PlanProblem } from "../contract.ts";
import type { Desired } from "./desired.ts";
import { nameOf } from "./drift.ts";
import type { Installed } from "./installed.ts";
import { shutOutProblems } from "./shut-out.ts";
import type { Surroundings } from "./surroundings.ts";

/** Everything that stands in the way of a plan or weakens it, what blocks first. */
export function problemsOf(
  model: DatabaseModel,
  catalog: Catalog,
  desired: Desired,
  around: Surroundings,
  installed: Installed,
  { drift, secrets }: { drift: Drift[]; secrets: Drift[] },
): PlanProblem[] {
  const order = { blocking: 0, warning: 1, note: 2 };
  return [
    ...modelProblems(model, catalog),
    ...secrets.map(asProblem("blocking")),
    ...privilegeProblems(catalog, desired, around),
    ...roleProblems(model, catalog, desired, around),
    ...rowSecurityProblems(desired, around),
    ...shutOutProblems(catalog.database, around.shutOut, model.applicationRole ?? ""),
    ...sightProblems(catalog, desired, around),
    ...viewProblems(desired, installed),
    ...drift.filter(({ fix }) => !fix.startsWith("Apply")).map(asProblem("warning")),
    ...keyProblems(desired),
  ].sort((a, b) => order[a.severity] - order[b.severity]);
}

function asProblem(severity: PlanProblem["severity"]): (drift: Drift) => PlanProblem {
  return ({ table, what, fix }) => ({ severity, subject: table, message: what, fix });
}

function modelProblems(model: DatabaseModel, catalog: Catalog): PlanProblem[] {
  if (model.tables.length === 0) {
    return [
      {
        severity: "blocking",
        subject: catalog.database,
        message: "Nobody has confirmed yet what the tables are.",
        fix: "Look at the proposed model and confirm it.",
      },
    ];
  }
  if (model.tenantsTable || model.ownTenantKey !== null) return [];
  const message =
    "No table lists the tenants: entries carry the tenant that the application names, and no tenants are imported.";
  return [
    {
      severity: "warning",
      subject: catalog.database,
      message,
      fix: "Choose the tenants table in the model, if there is one.",
    },
  ];
}

function privilegeProblems(catalog: Catalog, desired: Desired, around: Surroundings): PlanProblem[] {
  const problems: PlanProblem[] = [];
  if (catalog.serverVersion < 150_000) {
    problems.push({
      severity: "blocking",
      subject: catalog.database,
      message: "The server is older than PostgreSQL 15.",
      fix: "Upgrade the server first.",
    });
  }
  if (!around.mayCreateSchema) {
    const fix = `GRANT CREATE ON DATABASE "${catalog.database}" TO "${around.user}";`;
    problems.push({
      severity: "blocking",
      subject: catalog.database,
      message: `${around.user} may not create the schema caretaker.`,
      fix,
    });
  }
  const owners = new Map(catalog.tables.filter((table) => !table.mine).map((table) => [tableKey(table), table.owner]));
  const changed = [...desired.captured, ...desired.secured].filter((table) => owners.has(tableKey(table)));
  for (const owner of new Set(changed.map((table) => owners.get(tableKey(table))))) {
    const count = changed.filter((table) => owners.get(tableKey(table)) === owner).length;
    const message = `${around.user} has not the rights of ${owner}, who owns ${count} of the tables to change.`;
    problems.push({
      severity: "blocking",
      subject: catalog.database,
      message,
      fix: `GRANT "${owner}" TO "${around.user}";`,
    });
  }
  if (!around.mayCreateRoles && !around.rolesExist) {
    const message =
      "The roles caretaker_reader and caretaker_operator cannot be made; everything else works without them.";
    problems.push({
      severity: "note",
      subject: catalog.database,
      message,
      fix: `ALTER ROLE "${around.user}" CREATEROLE;`,
    });
  }
  return problems;
}

function roleProblems(model: DatabaseModel, catalog: Catalog, desired: Desired, around: Surroundings): PlanProblem[] {
  const role = catalog.roles.find((one) => one.name === model.applicationRole);
  if (!role) return [];
  const problems: PlanProblem[] = [];
  if (desired.secured.length > 0 && (role.superuser || role.bypassesRowSecurity)) {
    const message = `Row security never applies to ${role.name}, which is ${role.superuser ? "a superuser" : "allowed to bypass it"}.`;
    const fix = `Let the application connect as an ordinary role, or ALTER ROLE "${role.name}" ${role.superuser ? "NOSUPERUSER" : "NOBYPASSRLS"};`;
    problems.push({ severity: "blocking", subject: catalog.database, message, fix });
  }
  if (role.name === around.user) {
    const message = `The application connects as ${role.name}, which would own the log and could change it.`;
    problems.push({
      severity: "warning",
      subject: catalog.database,
      message,
      fix: "Give Caretaker, or the application, a role of its own.",
    });
  } else if (role.owned > 0) {
    const message = `${role.name} has the rights of an owner of ${role.owned} tables and could switch triggers off.`;
    problems.push({
      severity: "warning",
      subject: catalog.database,
      message,
      fix: "Let another role own the tables, and grant the application what it needs.",
    });
  }
  return problems;
}

function rowSecurityProblems(desired: Desired, around: Surroundings): PlanProblem[] {
  return desired.secured.flatMap((table) => {
    const policies = around.policies.get(tableKey(table)) ?? [];
    const views = around.openViews.get(tableKey(table)) ?? [];
    const problems: PlanProblem[] = [];
    if (policies.length > 0) {
      const message = `It already has the policies ${policies.join(", ")}; a row that one of them admits is admitted.`;
      problems.push({
        severity: "warning",
        subject: nameOf(table),
        message,
        fix: "Drop them, or make them AS RESTRICTIVE.",
      });
    }
    if (views.length > 0) {
      const message = `The views ${views.join(", ")} read it with their owner's rights, past its row security.`;
      problems.push({
        severity: "warning",
        subject: nameOf(table),
        message,
        fix: "ALTER VIEW … SET (security_invoker = true).",
      });
    }
    return problems;
  });
}

/** Caretaker's own policy shows it every row, and yet what must be sure of that runs with row_security off, which no policy satisfies. */
function sightProblems(catalog: Catalog, desired: Desired, around: Surroundings): PlanProblem[] {
  if (around.superuser || around.bypassesRowSecurity) return [];
  const secured = new Set(desired.secured.map(tableKey));
  const bound = catalog.tables.filter(
    (table) => secured.has(tableKey(table)) || (table.rowSecurity && (table.forcedRowSecurity || !table.mine)),
  );
  if (bound.length === 0) return [];
  const which = bound.length === 1 ? bound.map(nameOf) : `${bound.length} tables`;
  return [
    {
      severity: "warning",
      subject: catalog.database,
      message: `${around.user} is bound by row security on ${which}: backups, tenants' sizes, exports and archiving are refused there, since rows could be missing unseen.`,
      fix: `ALTER ROLE "${around.user}" BYPASSRLS;`,
    },
  ];
}

function keyProblems(desired: Desired): PlanProblem[] {
  const keyless = desired.captured.filter((table) => table.primaryKey.length === 0);
  return keyless.map((table) => ({
    severity: "note",
    subject: nameOf(table),
    message: "It has no key: its entries name no record, and its rows cannot be restored one by one.",
    fix: "Give it a primary key.",
  }));
}

function viewProblems(desired: Desired, installed: Installed): PlanProblem[] {
  return desired.views.flatMap(({ schema, name }): PlanProblem[] => {
    const view = installed.views.get(tableKey({ schema, name: activeView(name) }));
    if (view === undefined || view.ours) return [];
    const message = `There is a view ${activeView(name)} that somebody else made; it is left as it is.`;
    const fix = "Rename or drop it, if the plan is to make one.";
    return [{ severity: "note", subject: nameOf({ schema, name }), message, fix }];
  });
}
