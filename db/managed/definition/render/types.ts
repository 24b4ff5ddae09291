import { identifier, literal, relation, type Statement } from "../../statement.ts";
import type { UserFunction, UserType } from "../definition.ts";
import type { Naming } from "../naming.ts";
import { comment, grantStatements, ownerStatement } from "./access.ts";
import { made } from "./made.ts";

type HasRole = (name: string) => boolean;

export function typeStatements(type: UserType, naming: Naming, hasRole: HasRole): Statement[] {
  const name = relation(naming.schemaOf(type.schema), type.name);
  const kind = type.kind === "domain" ? "DOMAIN" : "TYPE";
  return [
    made(`type ${name}`, "The tables use it.", typeSql(type, name, naming)),
    ...(hasRole(type.owner) ? [ownerStatement(kind, name, type.owner)] : []),
    ...comment(kind, name, type.comment),
  ];
}

function typeSql(type: UserType, name: string, naming: Naming): string {
  switch (type.kind) {
    case "enum":
      return `CREATE TYPE ${name} AS ENUM (${type.labels.map(literal).join(", ")})`;
    case "composite":
      return `CREATE TYPE ${name} AS (${type.attributes
        .map(
          (one) =>
            `${identifier(one.name)} ${naming.text(one.type)}${one.collation ? ` COLLATE ${one.collation}` : ""}`,
        )
        .join(", ")})`;
    case "domain":
      return [
        `CREATE DOMAIN ${name} AS ${naming.text(type.base ?? [])}`,
        ...(type.default === null ? [] : [`DEFAULT ${naming.text(type.default)}`]),
        ...(type.notNull ? ["NOT NULL"] : []),
        ...type.checks.map((check) => `CONSTRAINT ${identifier(check.name)} ${naming.text(check.definition)}`),
      ].join(" ");
  }
}

export function functionStatements(one: UserFunction, naming: Naming, hasRole: HasRole): Statement[] {
  const name = relation(naming.schemaOf(one.schema), one.name);
  const signature = `${name}(${naming.text(one.signature)})`;
  const kind = one.kind === "procedure" ? "PROCEDURE" : "FUNCTION";
  const open = one.grants.some((grant) => grant.grantee === null);
  return [
    made(`${one.kind} ${name}`, "The tables call it.", `${one.head} ${name}${naming.text(one.tail)}`.trimEnd()),
    ...(open
      ? []
      : [made(`access to ${name}`, "As on the original.", `REVOKE ALL ON ${kind} ${signature} FROM PUBLIC`)]),
    ...grantStatements(
      kind,
      signature,
      one.grants.filter((grant) => grant.grantee !== null),
    ),
    ...(hasRole(one.owner) ? [ownerStatement(kind, signature, one.owner)] : []),
    ...comment(kind, signature, one.comment),
  ];
}
