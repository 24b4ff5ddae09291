import { conditions, type Position, type Values } from "./conditions.ts";
import { anyOf, type Bind, type Branch, recordBranches, textBranches } from "./query/sql.ts";
import type { IsTerm, Term, TextTerm } from "./query/terms.ts";
import type { Window } from "./windows.ts";

/** What a page asks: the newest `limit` entries of the terms, after a position. */
export interface Question {
  terms: readonly Term[];
  position: Position | null;
  limit: number;
  /** Ways of which one must hold, each with an index of its own. */
  ways?: readonly Branch[];
  /** Conditions beside the terms, over `audit_logs`. */
  more?: (values: Values) => string[];
  /** No newer entry is asked for; ISO text. */
  until?: string;
}

/** The part of a question that one window of time answers. */
export interface Part extends Question {
  window: Window;
}

/**
 * SELECT of a part's newest entries, whole, newest first. A term that holds in several ways is asked for in each of them through its own
 * index: in one condition they would have all entries read that any of them leads to.
 */
export function newestSql(values: Values, part: Part): string {
  if (part.ways !== undefined)
    return anyWaySql(
      values,
      part,
      part.ways.map((way) => walkSql(values, part, way)),
    );
  const split = part.terms.find(isSplit);
  if (split === undefined) return walkSql(values, part);
  const rest = { ...part, terms: part.terms.filter((term) => term !== split) };
  const { many, few } = split.op === "text" ? textBranches(split) : recordBranches(split);
  const walks = many.map((branch) => walkSql(values, rest, branch));
  if (few.length > 0) walks.push(fencedSql(values, rest, (bind) => anyOf(few.map((branch) => branch(bind)))));
  return anyWaySql(values, part, walks);
}

function anyWaySql(values: Values, { limit }: Part, walks: readonly string[]): string {
  return `SELECT DISTINCT ON (created_at, id) * FROM (${walks.map((sql) => `(${sql})`).join(" UNION ALL ")}) AS found
           ORDER BY created_at DESC, id DESC LIMIT ${values.add(limit)}`;
}

/** What a page shows of entries that `sql` selects whole. */
export function pageSql(columns: string, sql: string): string {
  return `SELECT ${columns} FROM (${sql}) AS audit_logs ${newestFirst}`;
}

/** Along an index that has the order. */
function walkSql(values: Values, part: Part, branch?: Branch): string {
  return `SELECT * FROM ${fromSql(values, part, branch)} ${newestFirst} LIMIT ${values.add(part.limit)}`;
}

/** The fence keeps the order out of the planner's sight: it would otherwise read the log from its end, hoping to meet a match. */
function fencedSql(values: Values, part: Part, branch: Branch): string {
  return `SELECT * FROM (SELECT * FROM ${fromSql(values, part, branch)} OFFSET 0) AS audit_logs ${newestFirst} LIMIT ${values.add(part.limit)}`;
}

export const newestFirst = "ORDER BY audit_logs.created_at DESC, audit_logs.id DESC";

function fromSql(values: Values, part: Part, branch?: Branch): string {
  const where = [...(branch ? [branch((value) => values.add(value))] : []), ...whereOf(values, part)];
  return `caretaker.audit_logs${where.length === 0 ? "" : ` WHERE ${where.join(" AND ")}`}`;
}

export function whereOf(values: Values, { terms, position, until, window, more }: Part): string[] {
  return [
    ...conditions(values, terms, position),
    ...(until === undefined ? [] : [`created_at <= ${values.add(until)}::timestamptz`]),
    ...windowSql((value) => values.add(value), window),
    ...(more?.(values) ?? []),
  ];
}

export function windowSql(bind: Bind, { from, to }: Window): string[] {
  return [
    ...(from === null ? [] : [`created_at >= ${bind(from)}::timestamptz`]),
    ...(to === null ? [] : [`created_at < ${bind(to)}::timestamptz`]),
  ];
}

/** Whether a term holds in several ways, each with an index of its own. */
export function isSplit(term: Term): term is IsTerm | TextTerm {
  return !term.negated && (term.op === "text" || (term.op === "is" && term.field === "record"));
}
