import type pg from "pg";
import { conditions, Values } from "./conditions.ts";
import { type Among, fewMax, fewSql, type PageRow, pageAmong } from "./newest-few.ts";
import { newestSql, type Part, pageSql, whereOf, windowSql } from "./newest-sql.ts";
import type { IsTerm, Term } from "./query/terms.ts";
import type { Window } from "./windows.ts";

/** The action that is asked for where no index holds it together with another term. */
export function soleAction(terms: readonly Term[]): IsTerm | undefined {
  if (terms.some((term) => isWhole(term, ["table", "record", "request", "tx"]))) return undefined;
  return terms.find((term): term is IsTerm => isWhole(term, ["action"]));
}

/**
 * Asks window by window for an action. A common one is met among the newest entries that the tenant, the actor or the text leaves; a rare
 * one would have them all read. Where so many of them held too few of it, it is asked for table by table from there on.
 */
export function newestOfAction<Row extends PageRow>(
  client: pg.ClientBase,
  columns: string,
  action: IsTerm,
): (part: Part) => Promise<Row[]> {
  let isFirst = true;
  let isMany = false;
  return async (part) => {
    const isOrdered = isFirst;
    isFirst = false;
    if (!isMany) {
      const { rows, held } = await amongThese<Row>(client, columns, part, isOrdered ? newestSql : fewSql);
      if (held < fewMax || (isOrdered && rows.length === part.limit)) return rows;
      isMany = true;
    }
    return tableByTable<Row>(client, columns, part, action);
  };
}

/** The page among the entries that the tenant, the actor or the text leaves. */
function amongThese<Row extends PageRow>(
  client: pg.ClientBase,
  columns: string,
  { more, ...part }: Part,
  sql: (values: Values, part: Part) => string,
): Promise<Among<Row>> {
  const values = new Values();
  const [walked, others] = [part.terms.filter(isWalked), part.terms.filter((term) => !isWalked(term))];
  const these = sql(values, { ...part, terms: walked, limit: fewMax });
  const where = [...conditions(values, others), ...(more?.(values) ?? [])];
  return pageAmong<Row>(client, columns, values, these, where, part.limit);
}

function isWalked(term: Term): boolean {
  if (term.op === "range") return term.field === "at";
  return (term.op === "text" && !term.negated) || isWhole(term, ["tenant", "actor"]);
}

/** The index of actions begins with the table, so each table is asked for its newest of each action, and the entries without one. */
async function tableByTable<Row extends PageRow>(
  client: pg.ClientBase,
  columns: string,
  part: Part,
  action: IsTerm,
): Promise<Row[]> {
  const values = new Values();
  const rest = { ...part, terms: part.terms.filter((term) => term !== action) };
  const tables = values.add(await tablesIn(client, part.window));
  const actions = values.add(action.values.map(({ text }) => text));
  const limit = values.add(part.limit);
  const newest = (conditions: readonly string[]) =>
    `SELECT * FROM caretaker.audit_logs WHERE ${[...conditions, ...whereOf(values, rest)].join(" AND ")}
      ORDER BY created_at DESC, audit_logs.id DESC LIMIT ${limit}`;
  const found = `SELECT newest.*
       FROM unnest(${tables}::text[]) AS tables (name)
      CROSS JOIN unnest(${actions}::text[]) AS asked (one)
      CROSS JOIN LATERAL (${newest(["resource_type = tables.name", "action = asked.one"])}) AS newest
      UNION ALL
     (${newest(["resource_type IS NULL", `action = ANY (${actions}::text[])`])})`;
  const text = `${pageSql(columns, found)} LIMIT ${limit}`;
  return (await client.query<Row>(text, values.list)).rows;
}

/** Hops from table to table through their index, a loose index scan. */
async function tablesIn(client: pg.ClientBase, window: Window): Promise<string[]> {
  const values = new Values();
  const where = ["resource_type > tables.name", ...windowSql((value) => values.add(value), window)];
  const { rows } = await client.query<{ name: string }>(
    `WITH RECURSIVE tables (name) AS (
       SELECT '' COLLATE "C"
        UNION ALL
       SELECT (SELECT resource_type FROM caretaker.audit_logs WHERE ${where.join(" AND ")} ORDER BY resource_type LIMIT 1)
         FROM tables WHERE tables.name IS NOT NULL)
     SELECT name FROM tables WHERE name IS NOT NULL`,
    values.list,
  );
  return rows.map(({ name }) => name);
}

function isWhole(term: Term, fields: readonly Term["field"][]): boolean {
  if (term.op !== "is" || term.negated || !fields.includes(term.field)) return false;
  return term.values.every(({ match }) => match === "exact" || (match === "none" && term.field === "actor"));
}
