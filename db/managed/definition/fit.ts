import type { Definition, DefinitionProblem, Grant, Policy, Table } from "./definition.ts";
import { type Destination, placeKey } from "./destination.ts";
import type { Naming } from "./naming.ts";

export interface Fitted {
  definition: Definition;
  problems: DefinitionProblem[];
  hasRole(name: string): boolean;
}

/** A definition without what the target has no place for, and a problem for each of those. */
export function fitted(definition: Definition, destination: Destination | null, naming: Naming): Fitted {
  const problems: DefinitionProblem[] = [...definition.problems, ...bodies(definition, naming)];
  if (naming.target.elsewhere) problems.push(...definition.elsewhere);
  if (destination === null) return { definition, problems, hasRole: () => true };
  const hasRole = (name: string): boolean => destination.roles.has(name);
  const granted = (grants: readonly Grant[]): Grant[] =>
    grants.filter(({ grantee }) => grantee === null || hasRole(grantee));
  for (const role of missingRoles(definition, hasRole)) problems.push(missingRole(role, destination));
  const withGrants = <T extends { grants: Grant[] }>(one: T): T => ({ ...one, grants: granted(one.grants) });
  const tables = definition.tables.map((table) => ({
    ...withGrants(table),
    policies: table.policies.flatMap((policy) => policyFor(policy, hasRole)),
    foreignKeys: table.foreignKeys.filter((key) => {
      if (naming.carries(key.parent) || destination.relations.has(placeKey(key.parent))) return true;
      problems.push(missingParent(definition.schema, table, key.parent));
      return false;
    }),
  }));
  if (naming.target.elsewhere) {
    for (const { name } of definition.extensions)
      if (!destination.extensions.has(name)) problems.push(missingExtension(name, destination));
    for (const { schema, name } of definition.sequences)
      if (
        schema !== definition.schema &&
        schema !== naming.target.schema &&
        !destination.relations.has(placeKey({ schema, name }))
      )
        problems.push(missingSequence(`${schema}.${name}`));
  }
  const fits = {
    ...definition,
    schemaGrants: granted(definition.schemaGrants),
    tables,
    sequences: definition.sequences.map(withGrants),
    views: definition.views.map(withGrants),
    functions: definition.functions.map(withGrants),
    types: definition.types.filter(
      ({ schema, name }) => !destination.types.has(placeKey({ schema: naming.schemaOf(schema), name })),
    ),
  };
  return { definition: fits, problems, hasRole };
}

/** Functions whose text names the schema go on meaning that one, wherever the tables are. */
function bodies(definition: Definition, naming: Naming): DefinitionProblem[] {
  if (naming.target.elsewhere && naming.target.schema === definition.schema) return [];
  return definition.functions
    .filter((one) => one.namesSchema)
    .map((one) => ({
      severity: "warning",
      code: "body_names_schema",
      subject: `function ${one.schema}.${one.name}`,
      message: `Its body names the schema ${definition.schema}, so that it reaches the shared tables and not the tenant's own.`,
      fix: "Write its table names without a schema, so that they follow the search path.",
    }));
}

function missingRoles(definition: Definition, hasRole: (name: string) => boolean): string[] {
  const { tables, views, sequences, schemaGrants } = definition;
  const owners = [definition.schemaOwner, ...[...tables, ...views, ...sequences].map((one) => one.owner)];
  const grantees = [schemaGrants, ...[...tables, ...views, ...sequences].map((one) => one.grants)].flat();
  const named = tables.flatMap((table) => table.policies.flatMap((policy) => policy.roles));
  const all = [...owners, ...grantees.flatMap(({ grantee }) => grantee ?? []), ...named];
  return [...new Set(all)].filter((role) => !hasRole(role)).sort();
}

/** A policy for roles none of which exist would hold for nobody. */
function policyFor(policy: Policy, hasRole: (name: string) => boolean): Policy[] {
  const roles = policy.roles.filter(hasRole);
  return policy.roles.length > 0 && roles.length === 0 ? [] : [{ ...policy, roles }];
}

function missingRole(role: string, { database }: Destination): DefinitionProblem {
  return {
    severity: "warning",
    code: "missing_role",
    subject: `role ${role}`,
    message: `The server of ${database} has no such role: what it owns will belong to Caretaker's role, and its rights are not given.`,
    fix: `CREATE ROLE for ${role} on that server first.`,
  };
}

/** The problems with that of an application's role that is not there, without which it reaches nothing and no policy can be made. */
export function withApplication(
  problems: readonly DefinitionProblem[],
  role: string | null,
  { roles }: Pick<Destination, "roles">,
): DefinitionProblem[] {
  if (role === null || roles.has(role)) return [...problems];
  const problem: DefinitionProblem = {
    severity: "blocking",
    code: "missing_role",
    subject: `role ${role}`,
    message: "The server has no role for the application, so that it could not reach its tenant there.",
    fix: `CREATE ROLE ${role} on that server, with the password that the application uses.`,
  };
  return [problem, ...problems.filter(({ subject }) => subject !== problem.subject)];
}

function missingExtension(name: string, { database }: Destination): DefinitionProblem {
  return {
    severity: "blocking",
    code: "missing_extension",
    subject: `extension ${name}`,
    message: `The tables need it, and the server of ${database} does not have it.`,
    fix: "Install the extension's package on that server.",
  };
}

function missingParent(schema: string, table: Table, parent: { schema: string; name: string }): DefinitionProblem {
  return {
    severity: "blocking",
    code: "missing_table",
    subject: `${schema}.${table.name}`,
    message: `A foreign key of it leads to ${parent.schema}.${parent.name}, which the target does not have.`,
    fix: "Copy that table to the target first, or set its class so that it goes along.",
  };
}

function missingSequence(subject: string): DefinitionProblem {
  return {
    severity: "blocking",
    code: "missing_sequence",
    subject,
    message: "A default draws from this sequence, which lies in another schema and is not in the target.",
    fix: "Create the sequence in the target database first.",
  };
}
