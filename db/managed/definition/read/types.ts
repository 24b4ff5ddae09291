import type { DefinitionProblem, UserFunction, UserType } from "../definition.ts";
import type { Reader } from "../reader.ts";
import { plainName, splitAt, tokensOf } from "../text.ts";

type TypeRow = Omit<UserType, "base" | "attributes" | "default" | "checks" | "kind"> & {
  typtype: string;
  base: string | null;
  default: string | null;
  attributes: { name: string; type: string; collation: string | null }[];
  checks: { name: string; definition: string }[];
};

const kinds: Record<string, UserType["kind"]> = { e: "enum", d: "domain", c: "composite" };

export async function readTypes(reader: Reader, oids: readonly string[]): Promise<UserType[]> {
  const rows = await reader.twice<TypeRow>(
    `SELECT t.oid::text, n.nspname AS schema, t.typname AS name, t.typtype, pg_get_userbyid(t.typowner)::text AS owner,
            ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS labels,
            CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS base,
            t.typnotnull AS "notNull", pg_get_expr(t.typdefaultbin, 0) AS "default",
            coalesce((SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                      'collation', CASE WHEN a.attcollation <> y.typcollation AND a.attcollation <> 0 THEN (SELECT format('%I.%I', ln.nspname, l.collname)
                          FROM pg_collation l JOIN pg_namespace ln ON ln.oid = l.collnamespace WHERE l.oid = a.attcollation) END) ORDER BY a.attnum)
               FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
              WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), '[]') AS attributes,
            coalesce((SELECT json_agg(json_build_object('name', o.conname, 'definition', pg_get_constraintdef(o.oid)) ORDER BY o.conname)
               FROM pg_constraint o WHERE o.contypid = t.oid AND o.contype = 'c'), '[]') AS checks,
            obj_description(t.oid, 'pg_type') AS comment
       FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE t.oid = ANY ($1::oid[])
      ORDER BY n.nspname, t.typname`,
    [oids],
  );
  return rows.flatMap(([row, plain]) => {
    const { typtype, ...type } = row;
    const subject = `type ${row.schema}.${row.name}`;
    const kind = kinds[typtype];
    if (!kind) {
      reader.elsewhere.push(kindOfType(subject));
      return [];
    }
    const text = (one: string, other: string | undefined) => reader.text(one, other ?? "", subject);
    return [
      {
        ...type,
        kind,
        base: row.base === null ? null : text(row.base, plain.base ?? undefined),
        default: row.default === null ? null : text(row.default, plain.default ?? undefined),
        attributes: row.attributes.map((one, at) => ({ ...one, type: text(one.type, plain.attributes[at]?.type) })),
        checks: row.checks.map((one, at) => ({
          ...one,
          definition: text(one.definition, plain.checks[at]?.definition),
        })),
      },
    ];
  });
}

type FunctionRow = Omit<UserFunction, "head" | "tail" | "signature" | "grants" | "namesSchema"> & {
  prokind: string;
  definition: string;
  arguments: string;
  body: string;
};

export async function readFunctions(reader: Reader, oids: readonly string[]): Promise<Omit<UserFunction, "grants">[]> {
  const rows = await reader.twice<FunctionRow>(
    `SELECT p.oid::text, n.nspname AS schema, p.proname AS name, p.prokind, pg_get_userbyid(p.proowner)::text AS owner,
            CASE WHEN p.prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) END AS definition,
            pg_get_function_identity_arguments(p.oid) AS arguments,
            CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END AS kind,
            CASE WHEN p.prosqlbody IS NULL THEN p.prosrc ELSE '' END AS body,
            obj_description(p.oid, 'pg_proc') AS comment
       FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE p.oid = ANY ($1::oid[])
      ORDER BY n.nspname, p.proname, p.oid`,
    [oids],
  );
  return rows.flatMap(([row, plain]) => {
    const { prokind, definition, arguments: given, body, ...rest } = row;
    const subject = `function ${row.schema}.${row.name}`;
    if (!definition || prokind === "w") {
      reader.elsewhere.push(kindOfFunction(subject));
      return [];
    }
    const keyword = row.kind === "procedure" ? "PROCEDURE" : "FUNCTION";
    const [qualified, bare] = [splitAt(definition, keyword), splitAt(plain.definition, keyword)];
    return [
      {
        ...rest,
        head: qualified.before,
        tail: reader.text(qualified.after, bare.after, subject),
        signature: reader.text(given, plain.arguments, subject),
        namesSchema: names(body, reader.schema),
      },
    ];
  });
}

/** Whether a body has the schema's name before a point, quoted or not. */
function names(body: string, schema: string): boolean {
  const tokens = tokensOf(body).map((token) => token.text);
  return tokens.some((text, at) => tokens[at + 1] === "." && plainName(text).toLowerCase() === schema.toLowerCase());
}

function kindOfType(subject: string): DefinitionProblem {
  return {
    severity: "blocking",
    code: "kind_of_type",
    subject,
    message: "Only enums, domains and composite types can be carried to another database.",
    fix: "Make the type in the target database first.",
  };
}

function kindOfFunction(subject: string): DefinitionProblem {
  return {
    severity: "blocking",
    code: "kind_of_function",
    subject,
    message: "Aggregates and window functions cannot be carried to another database.",
    fix: "Make it in the target database first.",
  };
}
