import { keyRecord, quoteTable, sameKey } from "../../../managed/row-key.ts";
import { literal } from "../../../managed/statement.ts";
import { rows, written } from "../scratch.ts";
import { readable, typed } from "../values.ts";
import { keyOf, storedColumns, type Work } from "../work.ts";
import { tableOfStep } from "./statements.ts";
import { isOf, type Step } from "./steps.ts";

/**
 * Reads every row of a step as it stands now and compares it with how it was: hashes of both over the columns that no choice
 * changed, and the columns that came out otherwise, which the application's triggers did. Answers how many rows were found.
 *
 * How a row was is read from the log's image itself, not from what was written.
 */
export async function prove(work: Work, step: Step, restore: string): Promise<number> {
  const { rows: groups } = await work.client.query<Group>(
    `SELECT DISTINCT r.changed, r.whole
       FROM ${rows} AS r WHERE ${isOf(step, "r")} ORDER BY 1`,
  );
  let found = 0;
  for (const group of groups) found += await proveGroup(work, step, group, restore);
  return found;
}

interface Group {
  changed: string[];
  /** Of a version: every column that it says something of. */
  whole: string[] | null;
}

async function proveGroup(work: Work, step: Step, group: Group, restore: string): Promise<number> {
  const which = `${isOf(step, "r")} AND r.changed = ${array(group.changed)}`;
  const compared = step.act === "delete" ? goneSql(work, step, which) : comparedSql(work, step, group, which);
  const sha = (json: string) => `sha256(convert_to(${json}::text, 'UTF8'))`;
  const { rowCount } = await work.client.query(
    `UPDATE caretaker.restored_rows AS w
        SET before_hash = ${sha("c.before")}, row_hash = ${sha("c.after")}, standing_hash = ${sha("c.standing")},
            differing = CASE WHEN c.before IS DISTINCT FROM c.after
                             THEN ARRAY(SELECT key FROM jsonb_each(c.before) AS b WHERE b.value IS DISTINCT FROM c.after -> b.key ORDER BY key)
                             ELSE '{}' END,
            transaction_id = pg_current_xact_id(), done_at = clock_timestamp()
       FROM (${compared}) AS c WHERE w.restore_id = $1 AND w.n = c.n`,
    [restore],
  );
  return rowCount ?? 0;
}

/** SQL: each row as it was, as it stands, and the whole of it, over the columns that are to be the same. */
function comparedSql(work: Work, step: Step, { changed, whole }: Group, which: string): string {
  const table = tableOfStep(work, step);
  const standing = `(${standingOf(work, step)}) AS d ON d.n = r.n`;
  if (step.act === "update" && whole === null) {
    return `SELECT r.n, r.image - ${array(changed)} AS before, d.doc - ${array(changed)} AS after, d.doc AS standing
              FROM ${rows} AS r JOIN ${standing} WHERE ${which}`;
  }
  const wanted = whole ?? step.columns;
  const same = storedColumns(table.shape).filter(({ name }) => wanted.includes(name) && !changed.includes(name));
  const others = table.shape.columns.filter((column) => !same.includes(column)).map(({ name }) => name);
  return `SELECT r.n, to_jsonb(v) AS before, d.doc - ${array(others)} AS after, d.doc AS standing
            FROM ${rows} AS r CROSS JOIN LATERAL ${typed(readable("r", same), same, "v")} JOIN ${standing} WHERE ${which}`;
}

/** SQL: the rows that are not there any more, which is all that can be said of them. */
function goneSql(work: Work, step: Step, which: string): string {
  return `SELECT r.n, NULL::jsonb AS before, NULL::jsonb AS after, NULL::jsonb AS standing FROM ${rows} AS r
           WHERE ${which} AND NOT EXISTS (SELECT FROM (${standingOf(work, step)}) AS d WHERE d.n = r.n)`;
}

/** SQL: the rows of a step as they stand in their table. */
function standingOf(work: Work, step: Step): string {
  const table = tableOfStep(work, step);
  const key = keyOf(table);
  if (key.length > 0) {
    return `SELECT s.n, to_jsonb(t) AS doc FROM ${rows} AS s
             CROSS JOIN LATERAL ${keyRecord(key, "s.record", "k")}
              JOIN ${quoteTable(table)} AS t ON ${sameKey("t", "k", key)} WHERE ${isOf(step, "s")}`;
  }
  return `SELECT s.n, w.doc FROM (SELECT q.n, row_number() OVER (ORDER BY q.n) AS place FROM ${rows} AS q WHERE ${isOf(step, "q")}) AS s
            JOIN ${written} AS w ON w.step = ${step.step} AND w.place = s.place`;
}

function array(names: readonly string[]): string {
  return `ARRAY[${names.map(literal).join(", ")}]::text[]`;
}
