import { secure } from "../mend.ts";
import { nameOf, quoted, type Subject } from "../subjects.ts";
import type { Lint, Surveyed } from "./rules.ts";
import { sources } from "./sources.ts";

/** What a table's privileges, keys and switches show. */
export function tableLints(surveyed: Surveyed): Lint[] {
  return surveyed.subjects.flatMap((subject) => [
    ...switches(surveyed, subject),
    ...truncation(surveyed, subject),
    ...uniques(subject),
    ...foreignKeys(surveyed, subject),
  ]);
}

function switches({ facts, policies, subjects, vocabulary }: Surveyed, subject: Subject): Lint[] {
  const { relation, lists, expected } = subject;
  const own = policies.filter(({ table }) => table === relation.oid);
  const name = nameOf(relation);
  const found: Lint[] = [];
  if (!relation.rowSecurity && own.length > 0) {
    found.push({
      kind: "policies without row security",
      severity: "critical",
      at: relation,
      what: "It has policies, and row security is not switched on: they do nothing.",
      why: `${own.map((one) => one.name).join(", ")} hold only once row security is enabled.`,
      mends: `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;`,
      source: sources.disabled,
    });
  }
  if (!relation.rowSecurity && own.length === 0 && expected && Object.values(relation.may).some(Boolean)) {
    found.push({
      kind: "no row security",
      severity: "critical",
      at: relation,
      what: "It holds rows of tenants, and has no row security while other tables have.",
      why: `${facts.name} reaches every row in it, whichever tenant its session is for.`,
      mends: secure(subject, facts, vocabulary, policies),
      source: sources.rowSecurity,
    });
  }
  if (relation.rowSecurity && own.length === 0) {
    found.push({
      kind: "row security without a policy",
      severity: "note",
      at: relation,
      what: "Row security is on and there is no policy: nobody but its owner sees a row.",
      why: "Nothing leaks. If the application needs the table, it finds it empty.",
      mends: null,
      source: sources.noPolicy,
    });
  }
  const secured = subjects.some((one) => one.relation.rowSecurity);
  if (lists && !relation.rowSecurity && secured && relation.may.select && !expected) {
    found.push({
      kind: "list of tenants without row security",
      severity: "note",
      at: relation,
      what: "Every tenant's session can read the list of all tenants.",
      why: "Applications look up tenants before they know whose request it is, so this is often meant. It tells each tenant who the others are.",
      mends: null,
      source: sources.rowSecurity,
    });
  }
  if (relation.rowSecurity && !relation.forced && !relation.ownerBypasses) {
    found.push({
      kind: "row security is not forced",
      severity: relation.owned ? "warning" : "note",
      at: relation,
      what: `Policies do not hold for its owner ${relation.owner}.`,
      why: relation.owned
        ? `${facts.name} has the owner's rights, so policies do not hold for the application.`
        : "Migrations, views and functions that run with the owner's rights see every tenant's rows.",
      mends: `ALTER TABLE ${name} FORCE ROW LEVEL SECURITY;`,
      source: sources.rowSecurity,
    });
  }
  if (relation.owned && relation.rowSecurity && !facts.superuser) {
    found.push({
      kind: "the application owns the table",
      severity: "warning",
      at: relation,
      what: `${facts.name} has the rights of its owner ${relation.owner}.`,
      why: "Whoever can run SQL as the application can switch row security off.",
      mends: `REASSIGN OWNED BY ${quoted(relation.owner)} TO …;  -- a role that the application neither is nor can become`,
      source: sources.rowSecurity,
    });
  }
  return found;
}

function truncation({ facts }: Surveyed, { relation, partitions, expected }: Subject): Lint[] {
  if (!expected || facts.superuser) return [];
  const may = [relation, ...partitions].filter((one) => one.may.truncate && !one.owned);
  return may.map((one) => ({
    kind: "truncate granted",
    severity: "critical",
    at: relation,
    part: one.name,
    what: `${facts.name} may TRUNCATE ${one === relation ? "it" : one.name}.`,
    why: "Row security does not hold for TRUNCATE: one tenant's session can remove every tenant's rows. It is not tried, because it locks the whole table.",
    mends: `REVOKE TRUNCATE ON ${nameOf(one)} FROM ${quoted(facts.name)}, PUBLIC;`,
    shows: `SELECT has_table_privilege('${facts.name.replaceAll("'", "''")}', '${nameOf(one).replaceAll("'", "''")}', 'TRUNCATE');`,
    source: sources.rowSecurity,
  }));
}

/** Values of one's own choosing only: a number from a sequence or a random id tells nothing by being taken. */
function uniques({ relation, tenantColumn, path, catalog, expected, lists, alone }: Subject): Lint[] {
  if (!expected || lists || alone) return [];
  const surrogate = (name: string): boolean => {
    const column = relation.columns.find((one) => one.name === name);
    return column === undefined || column.draws || column.type === "uuid" || catalog.primaryKey.includes(name);
  };
  const scope = path[0] ? path[0].columns : [tenantColumn];
  return catalog.uniqueKeys
    .filter(
      ({ columns }) =>
        !columns.some((name) => scope.includes(name) || name === tenantColumn) && !columns.every(surrogate),
    )
    .map(
      ({ columns }): Lint => ({
        kind: "unique constraint that reveals",
        severity: "warning",
        at: relation,
        part: columns.join(","),
        what: `(${columns.join(", ")}) is unique over all tenants.`,
        why: "Uniqueness ignores row security: the error of a second insert tells one tenant which values another has, and keeps it from using them.",
        mends:
          path.length > 0
            ? null
            : `CREATE UNIQUE INDEX CONCURRENTLY ON ${nameOf(relation)} (${[tenantColumn, ...columns].map(quoted).join(", ")});\n-- then drop the one over (${columns.join(", ")})`,
        source: sources.rowSecurity,
      }),
    );
}

function foreignKeys(
  { subjects }: Surveyed,
  { relation, tenantColumn, path, catalog, expected, alone }: Subject,
): Lint[] {
  if (!expected || alone || path.length > 0) return [];
  return catalog.foreignKeys.flatMap((key): Lint[] => {
    const parent = subjects.find(
      (one) => one.relation.schema === key.parentSchema && one.relation.name === key.parentTable,
    );
    if (!parent || parent.lists || parent.path.length > 0 || key.columns.includes(tenantColumn)) return [];
    const own = [tenantColumn, ...key.columns].map(quoted).join(", ");
    const theirs = [parent.tenantColumn, ...key.parentColumns].map(quoted).join(", ");
    return [
      {
        kind: "foreign key that crosses tenants",
        severity: "warning",
        at: relation,
        part: key.name,
        what: `${key.name} lets a row point at another tenant's row of ${key.parentTable}.`,
        why: "PostgreSQL checks foreign keys without row security: a tenant can find out which keys others have, and hang rows on them that keep the others from deleting.",
        mends: `CREATE UNIQUE INDEX CONCURRENTLY ON ${nameOf(parent.relation)} (${theirs});\nALTER TABLE ${nameOf(relation)} ADD FOREIGN KEY (${own}) REFERENCES ${nameOf(parent.relation)} (${theirs}) NOT VALID;`,
        source: sources.rowSecurity,
      },
    ];
  });
}
