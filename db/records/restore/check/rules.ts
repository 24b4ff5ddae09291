import { literal } from "../../../managed/statement.ts";
import type { TableShape } from "../../table-shape.ts";
import { resulting } from "../values.ts";
import type { Work, WorkTable } from "../work.ts";
import { note, offersSql } from "./note.ts";

/** Finds the rows that would break a CHECK constraint of their table. */
export async function checkRules(work: Work, table: WorkTable, shape: TableShape): Promise<void> {
  if (shape.checks.length === 0) return;
  const broken = shape.checks.map(
    ({ name, expression }) => `CASE WHEN (${expression}) IS FALSE THEN ${literal(name)} END`,
  );
  await note(
    work,
    table,
    "check_failed",
    `SELECT b.caretaker_n AS n, rule AS subject, '{}'::text[] AS columns, ${offersSql("skip")} AS offers, '{}'::jsonb AS detail
       FROM (SELECT v.caretaker_n, array_remove(ARRAY[${broken.join(", ")}], NULL) AS rules
               FROM ${resulting(table.tab, shape, `r.round = ${work.round}`)} AS v) AS b, unnest(b.rules) AS rule`,
  );
}
