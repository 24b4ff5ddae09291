import { literal, own, type Statement } from "../../managed/statement.ts";
import type { Draft, Looked } from "./leftover.ts";
import { tenantOf } from "./names.ts";

/** What the log keeps to capture tables of schemas that are gone. The log itself stays. */
export function judgeCaptures({ survey, known }: Looked): Draft[] {
  return survey.captures.map(({ schema, functions }) => ({
    kind: "capture",
    name: `log of ${schema}`,
    tenant: known.tenants.get(tenantOf(schema) ?? "") ?? null,
    moveId: null,
    parts: ["notes of the log", ...functions.map((signature) => `function ${signature}`)],
    rows: 0,
    bytes: 0,
    doubts: [],
    why: "The schema is gone, and no trigger calls these functions. Entries of the log stay.",
    statements: captureStatements(schema, functions),
  }));
}

export function captureStatements(schema: string, functions: readonly string[]): Statement[] {
  const of = (sql: string) => own(`schema ${schema}`, "The log has no tables to watch there any more.", sql);
  return [
    of(`DELETE FROM caretaker.captures WHERE schema_name = ${literal(schema)}`),
    of(`DELETE FROM caretaker.row_security WHERE schema_name = ${literal(schema)}`),
    ...functions.map((signature) => of(`DROP FUNCTION IF EXISTS ${signature}`)),
  ];
}
