import { type PlanRestore, rowsInPlan } from "../contract.ts";
import { formOf } from "../from.ts";
import { carryAsked } from "../moved/asked.ts";
import { tooMany } from "../refusals.ts";
import { rows } from "../scratch.ts";
import { requireUndoable } from "../undoable.ts";
import { named, type Work } from "../work.ts";
import { takeEntry, takeFilter, takeRecord, takeRows, takeTransaction } from "./asked.ts";
import { takeChildren } from "./children.ts";
import { takeLinks } from "./links.ts";
import { takeUndo } from "./undo.ts";
import { takeVersion } from "./version.ts";

/** Takes up the rows that a plan starts from, and what went with them. */
export async function load(work: Work, given: PlanRestore): Promise<void> {
  const input = work.moving ? await carryAsked(work, work.moving, given) : given;
  const form = formOf(input);
  const { entry = "", schema = "", table = "", record = "", transaction = "", row = [], q = "" } = input;
  if (form === "entry") await takeEntry(work, entry);
  else if (form === "record") await takeRecord(work, { schema, table, record });
  else if (form === "transaction") await takeTransaction(work, transaction);
  else if (form === "row") await takeRows(work, row);
  else if (form === "q") await takeFilter(work, q);
  else if (form === "version") await takeVersion(work, input);
  else if (form === "undo" && input.undo) {
    await requireUndoable(input.undo, work.database.id, work.restore);
    await takeUndo(work, input.undo);
  }
  if (input.children && (form === "entry" || form === "record" || form === "row")) await takeChildren(work);
  if (work.moving && (form === "transaction" || form === "q")) await takeChildren(work, "asked");
  if (input.links && form !== "version" && form !== "undo") await takeLinks(work);
  await leave(work, input.leave);
  await requireFew(work);
}

/** Rows of these tables stay deleted, and are no part of the plan. */
async function leave(work: Work, tables: readonly string[]): Promise<void> {
  const tabs = work.tables.filter((table) => tables.includes(named(table))).map(({ tab }) => tab);
  await work.client.query(`DELETE FROM ${rows} WHERE tab = ANY ($1::int[])`, [tabs]);
}

async function requireFew({ client }: Work): Promise<void> {
  const { rows: found } = await client.query<{ rows: string }>(`SELECT count(*) AS rows FROM ${rows}`);
  const count = Number(found[0]?.rows);
  if (count > rowsInPlan) throw tooMany(`This would be ${count} rows`);
}
