import { conditions, type Position, type Values } from "./conditions.ts";
import { textBranches } from "./query/sql.ts";
import type { IsTerm, Term, TextTerm } from "./query/terms.ts";

/**
 * Where a page's entries come from, as SQL for FROM … WHERE: the log itself where an index of its own serves the filter, else
 * the newest keys of several indexed questions, merged. `more` are conditions beside the terms.
 */
export function entrySource(
  values: Values,
  terms: readonly Term[],
  position: Position | null,
  limit: number,
  more: readonly string[] = [],
): string {
  const text = terms.find((term) => term.op === "text" && !term.negated);
  if (text?.op === "text") return anyId(values, where(values, without(terms, text), position, more), text, limit);
  const action = terms.find(isAction);
  if (action !== undefined && !terms.some(isNarrow)) {
    const rest = where(values, without(terms, action), position, more);
    return byTable(
      values,
      rest,
      action.values.map(({ text }) => text),
      limit,
    );
  }
  const all = where(values, terms, position, more);
  return `caretaker.audit_logs${all.length === 0 ? "" : ` WHERE ${all.join(" AND ")}`}`;
}

function where(values: Values, terms: readonly Term[], position: Position | null, more: readonly string[]): string[] {
  return [...conditions(values, terms, position), ...more];
}

function without(terms: readonly Term[], one: Term): Term[] {
  return terms.filter((term) => term !== one);
}

function isAction(term: Term): term is IsTerm {
  return term.op === "is" && term.field === "action" && isPositive(term);
}

const indexed = new Set<Term["field"]>(["tenant", "table", "record", "actor", "request", "tx"]);

/** Whether an index gives this term's entries newest first, or so few that their order is no matter. */
function isNarrow(term: Term): boolean {
  return term.op === "is" && indexed.has(term.field) && isPositive(term);
}

function isPositive(term: IsTerm): boolean {
  return (
    !term.negated && term.values.every(({ match }) => match === "exact" || (match === "none" && term.field === "actor"))
  );
}

/** The newest keys of each column that may hold the id, each through its own index; then the entries of the newest of all. */
function anyId(values: Values, where: readonly string[], text: TextTerm, limit: number): string {
  const most = values.add(limit);
  const branches = textBranches((value) => values.add(value), text).map((branch) => newest([branch, ...where], most));
  return `(${branches.join(" UNION ")} ORDER BY created_at DESC, id DESC LIMIT ${most}) AS found
          JOIN caretaker.audit_logs USING (created_at, id)`;
}

/**
 * An action by itself may be so rare that the log would be read to its end for one page. The index begins with the table, so
 * the tables are hopped through (a loose index scan), and each is asked for its newest entries of each action.
 */
function byTable(values: Values, where: readonly string[], actions: readonly string[], limit: number): string {
  const most = values.add(limit);
  const list = values.add(actions);
  return `(WITH RECURSIVE tables (name) AS (
             (SELECT resource_type FROM caretaker.audit_logs WHERE resource_type IS NOT NULL ORDER BY resource_type LIMIT 1)
              UNION ALL
             SELECT (SELECT log.resource_type FROM caretaker.audit_logs AS log
                      WHERE log.resource_type > tables.name ORDER BY log.resource_type LIMIT 1)
               FROM tables WHERE tables.name IS NOT NULL)
           SELECT newest.created_at, newest.id
             FROM tables
            CROSS JOIN unnest(${list}::text[]) AS asked (one)
            CROSS JOIN LATERAL ${newest(["resource_type = tables.name", "action = asked.one", ...where], most)} AS newest
            WHERE tables.name IS NOT NULL
            UNION ALL ${newest(["resource_type IS NULL", ...where], most)}
            ORDER BY created_at DESC, id DESC LIMIT ${most}) AS found
          JOIN caretaker.audit_logs USING (created_at, id)`;
}

function newest(where: readonly string[], most: string): string {
  return `(SELECT created_at, id FROM caretaker.audit_logs WHERE ${where.join(" AND ")}
            ORDER BY created_at DESC, id DESC LIMIT ${most})`;
}
