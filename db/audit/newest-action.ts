import type pg from "pg";
import { conditions, Values } from "./conditions.ts";
import { type Among, fewMax, fewSql, type PageRow, pageAmong } from "./newest-few.ts";
import { isSplit, newestFirst, newestSql, type Part, pageSql, whereOf, windowSql } from "./newest-sql.ts";
import type { IsTerm, Term } from "./query/terms.ts";
import type { Window } from "./windows.ts";

/** The action that is asked for where no index holds it together with another term. */
export function soleAction(terms: readonly Term[]): IsTerm | undefined {
  if (terms.some((term) => isWhole(term, ["table", "record", "request", "tx"]))) return undefined;
  return terms.find((term): term is IsTerm => isWhole(term, ["action"]));
}

/**
 * Asks window by window for an action. A common one is met among the newest entries that the tenant, the actor or the text leaves; a rare
 * one would have them all read. Where so many of them held too few of it, it is asked for by itself from there on.
 */
export function newestOfAction<Row extends PageRow>(
  client: pg.ClientBase,
  columns: string,
  action: IsTerm,
): (part: Part) => Promise<Row[]> {
  let isFirst = true;
  let isRare = false;
  return async (part) => {
    if (!isRare) {
      const isOrdered = isFirst || !part.terms.some(isSplit);
      isFirst = false;
      const { rows, held } = await amongNewest<Row>(client, columns, part, isOrdered ? newestSql : fewSql);
      if (held < fewMax || (isOrdered && rows.length === part.limit)) return rows;
      isRare = true;
    }
    const values = new Values();
    const few = fewSql(values, part, [
      `resource_type = ANY (ARRAY(${tablesSql(values, part.window)}))`,
      "resource_type IS NULL",
    ]);
    const { rows, held } = await pageAmong<Row>(client, columns, values, few, [], part.limit);
    return held < fewMax ? rows : tableByTable<Row>(client, columns, part, action);
  };
}

/** The page among the entries that the tenant, the actor or the text leaves. */
function amongNewest<Row extends PageRow>(
  client: pg.ClientBase,
  columns: string,
  { more, ...part }: Part,
  sql: (values: Values, part: Part) => string,
): Promise<Among<Row>> {
  const values = new Values();
  const [walked, others] = [part.terms.filter(isWalked), part.terms.filter((term) => !isWalked(term))];
  const newest = sql(values, { ...part, terms: walked, limit: fewMax });
  const where = [...conditions(values, others), ...(more?.(values) ?? [])];
  return pageAmong<Row>(client, columns, values, newest, where, part.limit);
}

function isWalked(term: Term): boolean {
  return isTime(term) || (term.op === "text" && !term.negated) || isWhole(term, ["tenant", "actor"]);
}

function isTime({ op, field }: Term): boolean {
  return op === "range" && field === "at";
}

/**
 * The index of actions begins with the table, so each table is asked for its newest of each action, and the entries without one. What
 * else is asked stands outside the walk: the planner would take it for rarer than the action, which it does not know there.
 */
async function tableByTable<Row extends PageRow>(
  client: pg.ClientBase,
  columns: string,
  { more, ...part }: Part,
  action: IsTerm,
): Promise<Row[]> {
  const values = new Values();
  const actions = values.add(action.values.map(({ text }) => text));
  const limit = values.add(part.limit);
  const times = whereOf(values, { ...part, terms: part.terms.filter(isTime) });
  const others = conditions(
    values,
    part.terms.filter((term) => term !== action && !isTime(term)),
  );
  const where = ["true", ...others, ...(more?.(values) ?? [])].join(" AND ");
  const newest = (walk: string) => `
    SELECT * FROM (SELECT * FROM caretaker.audit_logs WHERE ${[walk, ...times].join(" AND ")} ${newestFirst} OFFSET 0) AS audit_logs
     WHERE ${where} ${newestFirst} LIMIT ${limit}`;
  const found = `
    SELECT newest.*
      FROM (${tablesSql(values, part.window)}) AS tables
     CROSS JOIN unnest(${actions}::text[]) AS asked (one)
     CROSS JOIN LATERAL (${newest("resource_type = tables.name AND action = asked.one")}) AS newest
     UNION ALL
    (${newest(`resource_type IS NULL AND action = ANY (${actions}::text[])`)})`;
  const text = `${pageSql(columns, found)} LIMIT ${limit}`;
  return (await client.query<Row>(text, values.list)).rows;
}

/** SELECT of the names of all tables in a window: hops from one to the next through their index, a loose index scan. */
function tablesSql(values: Values, window: Window): string {
  const where = ["resource_type > tables.name", ...windowSql((value) => values.add(value), window)];
  return `WITH RECURSIVE tables (name) AS (
            SELECT '' COLLATE "C"
             UNION ALL
            SELECT (SELECT resource_type FROM caretaker.audit_logs WHERE ${where.join(" AND ")} ORDER BY resource_type LIMIT 1)
              FROM tables WHERE tables.name IS NOT NULL)
          SELECT name FROM tables WHERE name IS NOT NULL`;
}

function isWhole(term: Term, fields: readonly Term["field"][]): boolean {
  if (term.op !== "is" || term.negated || !fields.includes(term.field)) return false;
  return term.values.every(({ match }) => match === "exact" || (match === "none" && term.field === "actor"));
}
