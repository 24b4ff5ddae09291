import { identifier, literal, type Statement } from "../../statement.ts";
import type { Grant, Table, View } from "../definition.ts";
import type { Naming } from "../naming.ts";
import { made } from "./made.ts";

type Kind = "TABLE" | "SEQUENCE" | "SCHEMA" | "FUNCTION" | "PROCEDURE";

/** One statement a role, since a role has the same rights over and over. */
export function grantStatements(kind: Kind, name: string, grants: readonly Grant[]): Statement[] {
  const groups = new Map<string, Grant[]>();
  for (const grant of grants) {
    const group = JSON.stringify([grant.grantee, grant.grantable]);
    groups.set(group, [...(groups.get(group) ?? []), grant]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const privileges = group.map(({ privilege, column }) =>
      column === null ? privilege : `${privilege} (${identifier(column)})`,
    );
    const grantee = first.grantee === null ? "PUBLIC" : identifier(first.grantee);
    const option = first.grantable ? " WITH GRANT OPTION" : "";
    return [
      made(
        `access to ${name}`,
        "As on the original.",
        `GRANT ${privileges.join(", ")} ON ${kind} ${name} TO ${grantee}${option}`,
      ),
    ];
  });
}

export function ownerStatement(
  kind: Kind | "VIEW" | "MATERIALIZED VIEW" | "TYPE" | "DOMAIN",
  name: string,
  owner: string,
): Statement {
  return made(`owner of ${name}`, "As the original's.", `ALTER ${kind} ${name} OWNER TO ${identifier(owner)}`);
}

export function comment(kind: string, name: string, text: string | null): Statement[] {
  if (text === null) return [];
  return [made(`comment on ${name}`, "As on the original.", `COMMENT ON ${kind} ${name} IS ${literal(text)}`)];
}

export function tableComments(table: Table, naming: Naming): Statement[] {
  const name = naming.own(table.name);
  const on = (kind: string) => (part: { name: string; comment: string | null }) =>
    comment(kind, `${identifier(part.name)} ON ${name}`, part.comment);
  const owned = (kind: string) => (part: { name: string; comment: string | null }) =>
    comment(kind, naming.own(part.name), part.comment);
  return [
    ...comment("TABLE", name, table.comment),
    ...table.columns.flatMap((column) => comment("COLUMN", `${name}.${identifier(column.name)}`, column.comment)),
    ...[...table.checks, ...table.keys, ...table.foreignKeys].flatMap(on("CONSTRAINT")),
    ...table.indexes.flatMap(owned("INDEX")),
    ...table.statistics.flatMap(owned("STATISTICS")),
    ...table.triggers.flatMap(on("TRIGGER")),
    ...table.policies.flatMap(on("POLICY")),
  ];
}

export function viewComments(view: View, naming: Naming): Statement[] {
  const name = naming.own(view.name);
  return [
    ...comment(view.materialized ? "MATERIALIZED VIEW" : "VIEW", name, view.comment),
    ...view.columnComments.flatMap((column) => comment("COLUMN", `${name}.${identifier(column.name)}`, column.comment)),
    ...view.indexes.flatMap((index) => comment("INDEX", naming.own(index.name), index.comment)),
    ...view.triggers.flatMap((trigger) =>
      comment("TRIGGER", `${identifier(trigger.name)} ON ${name}`, trigger.comment),
    ),
  ];
}
