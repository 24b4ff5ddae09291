import type pg from "pg";
import { Values } from "./conditions.ts";
import { type Guard, unguarded } from "./guard.ts";
import { newestOfAction, soleAction } from "./newest-action.ts";
import { fewMax, fewSql, type PageRow, pageAmong } from "./newest-few.ts";
import { isSplit, newestSql, type Part, pageSql, type Question } from "./newest-sql.ts";
import { momentBounds } from "./query/moments.ts";
import { backInTime, type Span } from "./windows.ts";

/** The newest entries that a question asks for, newest first, as `columns` show them: SQL over `audit_logs`. */
export async function newestEntries<Row extends PageRow>(
  client: pg.ClientBase,
  columns: string,
  question: Question,
  guard: Guard = unguarded,
): Promise<Row[]> {
  const action = soleAction(question.terms);
  const ofAction = action && newestOfAction<Row>(client, columns, action);
  const isAnyOf = question.terms.some(isSplit);
  let isFirst = true;
  return backInTime(spanOf(question), question.limit, async (window, limit) => {
    const part: Part = { ...question, window, limit };
    if (ofAction) return guard(window, null, () => ofAction(part));
    const page = statementOf(columns, part);
    const isRare = isAnyOf && !isFirst;
    isFirst = false;
    return guard(window, page, async () => {
      const few = isRare ? await amongFew<Row>(client, columns, part) : null;
      return few ?? (await client.query<Row>(page)).rows;
    });
  });
}

function statementOf(columns: string, part: Part): { text: string; values: unknown[] } {
  const values = new Values();
  return { text: pageSql(columns, newestSql(values, part)), values: values.list };
}

/** What was not met among the newest entries may be rare; null where it is not. */
async function amongFew<Row extends PageRow>(
  client: pg.ClientBase,
  columns: string,
  part: Part,
): Promise<Row[] | null> {
  const values = new Values();
  const { rows, held } = await pageAmong<Row>(client, columns, values, fewSql(values, part), [], part.limit);
  return held < fewMax ? rows : null;
}

function spanOf({ terms, position, until }: Question): Span {
  const now = Date.now();
  const ranges = terms.flatMap((term) =>
    term.op === "range" && term.field === "at" && !term.negated ? [momentBounds(term, now)] : [],
  );
  const ends = [...ranges.map(({ to }) => to), position?.at, until].filter((end) => end !== undefined);
  const beginnings = ranges.map(({ from }) => from).filter((from) => from !== undefined);
  return { from: beginnings.toSorted(byTime).at(-1), to: ends.toSorted(byTime)[0] };
}

function byTime(one: string, other: string): number {
  return Date.parse(one) - Date.parse(other);
}
