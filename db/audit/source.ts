import type pg from "pg";
import { conditions, type Position, Values } from "./conditions.ts";
import { type Bind, textBranches } from "./query/sql.ts";
import type { IsTerm, Term, TextTerm } from "./query/terms.ts";

/** What a page asks: the newest `limit` entries of the terms, after a position. */
export interface Question {
  terms: readonly Term[];
  position: Position | null;
  limit: number;
  /** Conditions beside the terms. */
  more?: (values: Values) => string[];
}

/** Whether one walk along one index answers the terms. */
export function isOneWalk(terms: readonly Term[]): boolean {
  return !terms.some(isText) && (!terms.some(isAction) || terms.some(isNarrow));
}

/**
 * Where a page's entries come from, as SQL for FROM … WHERE: the log itself where an index of its own serves the terms. Else the
 * newest keys of several indexed questions are read first. They are asked in small statements: over a hundred partitions the
 * planner takes far longer for one that joins them than for each by itself.
 */
export async function entrySource(client: pg.ClientBase, values: Values, question: Question): Promise<string> {
  const { terms } = question;
  const text = terms.find(isText);
  if (text) return withKeys(values, await keysOfText(client, question, text));
  const action = terms.find(isAction);
  if (action && !terms.some(isNarrow)) return withKeys(values, await keysOfAction(client, question, action));
  const where = whereOf(values, question, terms);
  return `caretaker.audit_logs${where.length === 0 ? "" : ` WHERE ${where.join(" AND ")}`}`;
}

function whereOf(values: Values, { position, more }: Question, terms: readonly Term[]): string[] {
  return [...conditions(values, terms, position), ...(more?.(values) ?? [])];
}

function isText(term: Term): term is TextTerm {
  return term.op === "text" && !term.negated;
}

function isAction(term: Term): term is IsTerm {
  return term.op === "is" && term.field === "action" && isPositive(term);
}

const indexed = new Set<Term["field"]>(["tenant", "table", "record", "actor", "request", "tx"]);

/** Whether an index gives this term's entries newest first, or so few that their order is no matter. */
function isNarrow(term: Term): boolean {
  return term.op === "is" && indexed.has(term.field) && isPositive(term);
}

function isPositive({ negated, field, values }: IsTerm): boolean {
  return !negated && values.every(({ match }) => match === "exact" || (match === "none" && field === "actor"));
}

interface Key {
  at: string;
  id: string;
}

/** Partitions are pruned by the times themselves. */
function withKeys(values: Values, keys: readonly Key[]): string {
  if (keys.length === 0) return "caretaker.audit_logs WHERE false";
  const times = `${values.add(keys.map(({ at }) => at))}::timestamptz[]`;
  const ids = `${values.add(keys.map(({ id }) => id))}::bigint[]`;
  return `caretaker.audit_logs WHERE created_at = ANY (${times})
             AND (created_at, id) IN (SELECT found.at, found.id FROM unnest(${times}, ${ids}) AS found (at, id))`;
}

/** The newest keys of each column that may hold the id, each through its own index. */
async function keysOfText(client: pg.ClientBase, question: Question, text: TextTerm): Promise<Key[]> {
  const rest = question.terms.filter((term) => term !== text);
  const { few, many } = textBranches(text);
  const keys = await newest(
    client,
    question,
    rest,
    (bind) => `(${few.map((branch) => branch(bind)).join(" OR ")})`,
    true,
  );
  for (const branch of many) keys.push(...(await newest(client, question, rest, branch)));
  return merged(keys, question.limit);
}

/**
 * An action by itself may be so rare that the log would be read to its end for one page. The index begins with the table, so
 * the tables are hopped through (a loose index scan), and each is asked for its newest entries of each action.
 */
async function keysOfAction(client: pg.ClientBase, question: Question, action: IsTerm): Promise<Key[]> {
  const recent = await keysAmongNewest(client, question);
  if (recent.length === question.limit) return recent;
  const rest = question.terms.filter((term) => term !== action);
  const values = new Values();
  const tables = `unnest(${values.add(await tablesIn(client))}::text[]) AS tables (name)`;
  const actions = values.add(action.values.map(({ text }) => text));
  const where = ["resource_type = tables.name", "action = asked.one", ...whereOf(values, question, rest)];
  const { rows } = await client.query<Key>(
    `SELECT newest.at, newest.id
       FROM ${tables}
      CROSS JOIN unnest(${actions}::text[]) AS asked (one)
      CROSS JOIN LATERAL (${keysSql("caretaker.audit_logs", where, values.add(question.limit))}) AS newest`,
    values.list,
  );
  const untabled = (bind: Bind) =>
    `resource_type IS NULL AND action = ANY (${bind(action.values.map(({ text }) => text))}::text[])`;
  return merged([...rows, ...(await newest(client, question, rest, untabled))], question.limit);
}

const newestRead = 5_000;

/** A common action is met among the newest entries of a month; that takes a fraction of the time, and no table is hopped to. */
async function keysAmongNewest(client: pg.ClientBase, { terms, position, limit, more }: Question): Promise<Key[]> {
  const values = new Values();
  const since = position === null ? "now()" : `${values.add(position.at)}::timestamptz`;
  const inner = [`created_at >= ${since} - interval '31 days'`, ...conditions(values, [], position)];
  const newest = `(SELECT * FROM caretaker.audit_logs WHERE ${inner.join(" AND ")}
                    ORDER BY created_at DESC, audit_logs.id DESC LIMIT ${newestRead}) AS audit_logs`;
  const where = [...conditions(values, terms), ...(more?.(values) ?? [])];
  const { rows } = await client.query<Key>(keysSql(newest, where, values.add(limit)), values.list);
  return rows;
}

async function tablesIn(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`
    WITH RECURSIVE tables (name) AS (
      (SELECT resource_type FROM caretaker.audit_logs WHERE resource_type IS NOT NULL ORDER BY resource_type LIMIT 1)
       UNION ALL
      SELECT (SELECT log.resource_type FROM caretaker.audit_logs AS log
               WHERE log.resource_type > tables.name ORDER BY log.resource_type LIMIT 1)
        FROM tables WHERE tables.name IS NOT NULL)
    SELECT name FROM tables WHERE name IS NOT NULL`);
  return rows.map(({ name }) => name);
}

/** The fence keeps the order out of the planner's sight: it would otherwise read the log from its end, hoping to meet a match. */
async function newest(
  client: pg.ClientBase,
  question: Question,
  rest: readonly Term[],
  branch: (bind: Bind) => string,
  fenced = false,
): Promise<Key[]> {
  const values = new Values();
  const where = [branch((value) => values.add(value)), ...whereOf(values, question, rest)];
  const limit = values.add(question.limit);
  const fence = `(SELECT created_at, id FROM caretaker.audit_logs WHERE ${where.join(" AND ")} OFFSET 0) AS audit_logs`;
  const sql = fenced ? keysSql(fence, [], limit) : keysSql("caretaker.audit_logs", where, limit);
  return (await client.query<Key>(sql, values.list)).rows;
}

function keysSql(from: string, where: readonly string[], limit: string): string {
  return `SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, audit_logs.id::text AS id
            FROM ${from} ${where.length === 0 ? "" : `WHERE ${where.join(" AND ")}`}
           ORDER BY audit_logs.created_at DESC, audit_logs.id DESC LIMIT ${limit}`;
}

/** Times are text of one width and ids have one sign, so text order is their order once lengths agree. */
function merged(keys: readonly Key[], limit: number): Key[] {
  const once = new Map(keys.map((key) => [`${key.at} ${key.id}`, key]));
  const newer = (a: Key, b: Key) => (a.at === b.at ? Number(BigInt(b.id) - BigInt(a.id)) : a.at < b.at ? 1 : -1);
  return [...once.values()].sort(newer).slice(0, limit);
}
