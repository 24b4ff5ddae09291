import type pg from "pg";
import { Refusal } from "../errors.ts";
import { conditions, Values } from "./conditions.ts";
import { windowSql } from "./newest-sql.ts";
import { printTerm } from "./query/print.ts";
import type { Term } from "./query/terms.ts";
import { allTime, type Window } from "./windows.ts";

/** What a question may cost. */
export interface Budget {
  /** So many entries are read in a second or two, whatever is asked of them. */
  entries: number;
  /** In the planner's units: what it thinks is slow even with the page's limit is not begun. */
  cost: number;
  /** How long entries may be read on the chance that the first of them match. */
  chanceMs: number;
}

const usual: Budget = { entries: 250_000, cost: 400_000, chanceMs: 1_500 };

const indexed = new Set<Term["field"]>(["action", "table", "record", "actor", "tenant", "request", "tx", "text", "at"]);

/** Whether an index leads to a term's entries, so that nothing else is read. */
function isServed(term: Term): boolean {
  if (!indexed.has(term.field)) return false;
  return (
    term.op === "range" ||
    (!term.negated && (term.op === "text" || term.values.every(({ match }) => match !== "prefix")))
  );
}

interface Statement {
  text: string;
  values: unknown[];
}

/** Runs one window's part of a question, unless that would read too much. `page` is the statement, where it is one. */
export type Guard = <T>(window: Window, page: Statement | null, ask: () => Promise<T>) => Promise<T>;

export const unguarded: Guard = (_window, _page, ask) => ask();

/**
 * Refuses a question that would read too much, before it does. Where an index serves every term there is nothing to guard. Else
 * the entries that the served terms leave in the windows so far are the worst case: when they are few the question is asked as any
 * other; when they are many it may still be answered by the newest of them, and is given a moment to prove it.
 */
export function guardOf(client: pg.ClientBase, name: string, terms: readonly Term[], budget = usual): Guard {
  const scanned = terms.filter((term) => !isServed(term));
  if (scanned.length === 0) return unguarded;
  const worst = async (window: Window) => (await estimate(client, leftBy(terms.filter(isServed), window))).rows;
  let entries = 0;
  let chanceMs = budget.chanceMs;
  return async (window, page, ask) => {
    entries += await worst(window);
    if (entries <= budget.entries) return ask();
    const refusal = tooBroad(name, scanned, await worst(allTime));
    if (page !== null && (await estimate(client, page)).cost > budget.cost) throw refusal;
    await client.query("SELECT set_config('statement_timeout', $1, true)", [String(Math.max(1, Math.ceil(chanceMs)))]);
    const began = performance.now();
    try {
      return await ask();
    } catch (error) {
      throw error instanceof Error && "code" in error && error.code === "57014" ? refusal : error;
    } finally {
      chanceMs -= performance.now() - began;
    }
  };
}

function leftBy(terms: readonly Term[], window: Window): Statement {
  const values = new Values();
  const where = [...conditions(values, terms), ...windowSql((value) => values.add(value), window)];
  const text = `SELECT FROM caretaker.audit_logs ${where.length > 0 ? `WHERE ${where.join(" AND ")}` : ""}`;
  return { text, values: values.list };
}

interface Estimate {
  rows: number;
  cost: number;
}

async function estimate(client: pg.ClientBase, { text, values }: Statement): Promise<Estimate> {
  const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number; "Total Cost": number } }] }>(
    `EXPLAIN (FORMAT JSON) ${text}`,
    values,
  );
  const plan = rows[0]?.["QUERY PLAN"][0].Plan;
  if (!plan) throw new Error("The server explained nothing.");
  return { rows: plan["Plan Rows"], cost: plan["Total Cost"] };
}

function tooBroad(name: string, scanned: readonly Term[], rows: number): Refusal {
  const about = `${Number(rows.toPrecision(2)).toLocaleString("en")} entries`;
  return new Refusal(
    "too_broad",
    `About ${about} of ${name} would have to be read for ${scanned.map(printTerm).join(" ")}, which no index serves.`,
    { fix: "Add a time range, such as at:-7d, or a record, an actor, a tenant or a request." },
  );
}
