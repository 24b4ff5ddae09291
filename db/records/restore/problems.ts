import type pg from "pg";
import type { ManagedTable } from "../managed.ts";
import { keyColumns } from "../row-key.ts";
import type { Column, Parent, TableShape } from "../table-shape.ts";
import { brokenChecks, clashWith, deletionOf, parentState } from "./checks.ts";
import type { RestoreProblem } from "./contract.ts";
import type { RowImage } from "./row-image.ts";
import { softDeletedParent } from "./soft-parent.ts";

type Choice = "null" | "skip";
export type Problem = Omit<RestoreProblem, "settled">;

/** What may be written into a column instead of the value that it had. */
export function choicesFor(column: Column | undefined): Choice[] {
  if (!column) return ["skip"];
  const allowed: Choice[] = [];
  if (column.nullable) allowed.push("null");
  if (column.hasDefault || column.identity) allowed.push("skip");
  return allowed;
}

/** Where the row would collide with live rows, or hang in the air. `image` holds only what fits the table. */
export async function relationProblems(
  client: pg.PoolClient,
  table: TableShape,
  managed: readonly ManagedTable[],
  source: RowImage,
  image: string,
): Promise<Problem[]> {
  const clashes = await clashProblems(client, table, source, image);
  if (clashes.some(({ code }) => code === "already_live")) return clashes;
  const parents: Problem[] = [];
  for (const parent of table.parents) parents.push(...(await parentProblems(client, table, managed, parent, image)));
  const checks = (await brokenChecks(client, table, image)).map(
    (name): Problem => ({
      code: "check_failed",
      message: `The row would break the rule ${name} of ${table.name}.`,
      columns: [],
      choices: [],
      about: null,
    }),
  );
  return [...clashes, ...parents, ...checks];
}

async function clashProblems(
  client: pg.PoolClient,
  table: TableShape,
  source: RowImage,
  image: string,
): Promise<Problem[]> {
  const primary = table.uniques.find((unique) => unique.primary);
  const key = keyColumns(primary?.columns ?? [], table.columns);
  const problems: Problem[] = [];
  for (const unique of table.uniques) {
    const soft = source.kind === "soft";
    if (unique.primary && soft) continue;
    const live = await clashWith(client, table, key, unique, image, soft && key.length > 0);
    if (!live) continue;
    const about = { schema: table.schema, table: table.name, record: live.record, entry: null };
    if (unique.primary) {
      const message = `A live row has this key already: ${table.name} ${live.record}. Nothing needs to be restored, or it was created anew.`;
      return [{ code: "already_live", message, columns: unique.columns, choices: [], about }];
    }
    problems.push({
      code: "unique_clash",
      message: `The live row ${live.record ?? "without a key"} of ${table.name} holds the same ${unique.columns.join(", ") || unique.name} (${unique.name}). Change or delete it first.`,
      columns: unique.columns,
      choices: source.kind === "hard" ? sharedChoices(table, unique.columns) : [],
      about,
    });
  }
  return problems;
}

async function parentProblems(
  client: pg.PoolClient,
  table: TableShape,
  managed: readonly ManagedTable[],
  parent: Parent,
  image: string,
): Promise<Problem[]> {
  const state = await parentState(client, table, parent, image);
  if (!state) return [];
  const address = { schema: parent.schema, table: parent.table, record: state.record };
  const named = `${parent.table} ${state.record ?? ""}`.trim();
  const choices = sharedChoices(table, parent.columns);
  if (state.present) {
    const marked = await softDeletedParent(client, table, managed, parent, image);
    if (!marked) return [];
    const message = `Its ${named} is itself marked as deleted, so the application may go on hiding the row. Restore that one too.`;
    return [{ code: "parent_deleted", message, columns: [], choices: [], about: { ...address, entry: null } }];
  }
  const entry = state.record === null ? null : await deletionOf(client, { ...address, record: state.record });
  const message =
    entry === null
      ? `It belongs to ${named}, which is not there, and the audit log knows of no deletion.`
      : `It belongs to ${named}, which was deleted too. Restore that one first.`;
  return [
    {
      code: entry === null ? "parent_missing" : "parent_deleted",
      message,
      columns: parent.columns,
      choices,
      about: { ...address, entry },
    },
  ];
}

/** What every one of the columns allows; an index or key is also free when any of them is NULL, so one is enough for that. */
function sharedChoices(table: TableShape, columns: readonly string[]): Choice[] {
  const nullable = table.columns.some(({ name, nullable }) => nullable && columns.includes(name));
  return nullable ? ["null"] : [];
}
