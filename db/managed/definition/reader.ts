import type pg from "pg";
import { identifier } from "../statement.ts";
import type { DefinitionProblem } from "./definition.ts";
import { type Reference, referencesIn, type Text } from "./text.ts";

/** What stands in the schema that is read, by name. */
interface Names {
  relations: Set<string>;
  types: Set<string>;
  functions: Set<string>;
}

/** Reads a catalog with every expression printed twice, so that references to one schema are found in it. */
export interface Reader {
  schema: string;
  problems: DefinitionProblem[];
  /** Those that matter only where the target is another database. */
  elsewhere: DefinitionProblem[];
  /** The same rows, printed with every name qualified, and with the schema's own names bare. */
  twice<Row extends pg.QueryResultRow>(sql: string, values: unknown[]): Promise<[Row, Row][]>;
  once<Row extends pg.QueryResultRow>(sql: string, values: unknown[]): Promise<Row[]>;
  /** `subject` is named when the two prints do not tell the same. */
  text(qualified: string, plain: string, subject: string, hint?: Reference["kind"]): Text;
}

export async function readerOf(client: pg.ClientBase, schema: string): Promise<Reader> {
  const qualifiedPath = "pg_catalog, pg_temp";
  const plainPath = `${identifier(schema)}, pg_catalog, pg_temp`;
  const setPath = (path: string) => client.query("SELECT set_config('search_path', $1, true)", [path]);
  await setPath(qualifiedPath);
  const { rows } = await client.query<{ quoted: string }>("SELECT quote_ident($1) AS quoted", [schema]);
  const quoted = rows[0]?.quoted ?? schema;
  const names = await namesIn(client, schema);
  const problems: DefinitionProblem[] = [];
  return {
    schema,
    problems,
    elsewhere: [],
    async twice<Row extends pg.QueryResultRow>(sql: string, values: unknown[]) {
      await setPath(qualifiedPath);
      const first = (await client.query<Row>(sql, values)).rows;
      await setPath(plainPath);
      const second = (await client.query<Row>(sql, values)).rows;
      await setPath(qualifiedPath);
      if (first.length !== second.length) throw new Error("The catalog changed while it was read; read it again.");
      return first.flatMap((row, at): [Row, Row][] => {
        const other = second[at];
        return other ? [[row, other]] : [];
      });
    },
    once: async <Row extends pg.QueryResultRow>(sql: string, values: unknown[]) =>
      (await client.query<Row>(sql, values)).rows,
    text(qualified, plain, subject, hint) {
      const found = referencesIn(qualified, plain, quoted, (name, around, constant) =>
        hint ? hint : kindOf(names, name, around, constant),
      );
      if (found) return found;
      problems.push({
        severity: "blocking",
        code: "unreadable",
        subject,
        message: "PostgreSQL prints its expression in a way that could not be followed name by name.",
        fix: "Simplify the expression, or leave the table out.",
      });
      return [qualified];
    },
  };
}

async function namesIn(client: pg.ClientBase, schema: string): Promise<Names> {
  const { rows } = await client.query<{ kind: keyof Names; name: string }>(
    `SELECT 'relations' AS kind, relname AS name FROM pg_class WHERE relnamespace = $1::text::regnamespace AND relkind <> 'c'
      UNION ALL
     SELECT 'types', typname FROM pg_type WHERE typnamespace = $1::text::regnamespace
      UNION ALL
     SELECT DISTINCT 'functions', proname FROM pg_proc WHERE pronamespace = $1::text::regnamespace`,
    [identifier(schema)],
  );
  const of = (kind: keyof Names): Set<string> =>
    new Set(rows.filter((row) => row.kind === kind).map((row) => row.name));
  return { relations: of("relations"), types: of("types"), functions: of("functions") };
}

function kindOf(
  names: Names,
  name: string,
  around: { before: string; after: string },
  constant: boolean,
): Reference["kind"] {
  if (constant) {
    if (around.after.startsWith("::regclass")) return "relation";
    return around.after.startsWith("::regtype") ? "type" : "other";
  }
  // After "::" stands a type; a table's row type goes where its table goes.
  if (around.before === ":") return typeKind(names, name);
  if (around.after.startsWith("(") && names.functions.has(name)) return "function";
  if (names.relations.has(name)) return "relation";
  return names.types.has(name) ? "type" : "other";
}

function typeKind(names: Names, name: string): Reference["kind"] {
  if (names.relations.has(name)) return "relation";
  return names.types.has(name) ? "type" : "other";
}
