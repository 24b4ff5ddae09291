import { listDeleted } from "#db/records/bin/rows.ts";
import { type DeletedRow, deletedQuery } from "#db/records/contract.ts";
import { planRestoreInput, type RestorePlan, runRestoreInput } from "#db/records/restore/contract.ts";
import { planRestore } from "#db/records/restore/plan.ts";
import { runRestore } from "#db/records/restore/run.ts";
import { type Command, pairs, parse, required, text } from "../command.ts";
import { findDatabaseId } from "../find.ts";
import { silentLine } from "../silent.ts";
import { facts, moreLine, table } from "../table.ts";

const list: Command = {
  name: "deleted list",
  usage:
    "[--database NAME] [--tenant KEY] [--schema NAME] [--table NAME] [--actor ID] [--record KEY] [--kind hard|soft] [--from TIME] [--to TIME] [--cursor CURSOR]",
  summary: "List rows that were deleted and are not live again, newest first",
  options: {
    database: { type: "string" },
    tenant: { type: "string" },
    schema: { type: "string" },
    table: { type: "string" },
    actor: { type: "string" },
    record: { type: "string" },
    kind: { type: "string" },
    from: { type: "string" },
    to: { type: "string" },
    cursor: { type: "string" },
  },
  async run(actor, input) {
    const database = text(input, "database");
    const { cursor, ...filter } = parse(deletedQuery, {
      ...input.options,
      database: database && (await findDatabaseId(actor, database)),
    });
    const page = await listDeleted(actor, filter, cursor ?? null);
    const shown = table(
      [
        { title: "at", value: (row: DeletedRow) => row.at },
        { title: "database", value: (row) => row.databaseName },
        { title: "table", value: (row) => `${row.schema}.${row.table}` },
        { title: "record", value: (row) => row.record },
        { title: "label", value: (row) => row.label },
        { title: "by", value: (row) => row.actor?.name ?? row.actor?.id ?? null },
        { title: "entry", value: (row) => row.entry },
      ],
      page.rows,
    );
    return { json: page, text: `${shown}${silentLine(page.silent)}${moreLine(page.next)}` };
  },
};

const restore: Command = {
  name: "deleted restore",
  usage:
    "--database NAME (--entry ID | --schema NAME --table NAME --record KEY) [--choose COLUMN=null|skip ...] [--plan HASH --reason TEXT]",
  summary: "Bring one row back; without --plan, show the plan and its hash",
  options: {
    database: { type: "string" },
    entry: { type: "string" },
    schema: { type: "string" },
    table: { type: "string" },
    record: { type: "string" },
    choose: { type: "string", multiple: true },
    plan: { type: "string" },
    reason: { type: "string" },
  },
  async run(actor, input) {
    const target = {
      ...input.options,
      database: await findDatabaseId(actor, required(input, "database")),
      choices: pairs(input, "choose"),
    };
    const planHash = text(input, "plan");
    if (planHash === undefined) {
      const plan = await planRestore(actor, parse(planRestoreInput, target));
      return { json: plan, text: restoreText(plan) };
    }
    const done = await runRestore(
      actor,
      parse(runRestoreInput, { ...target, planHash, reason: required(input, "reason") }),
    );
    const proof = done.proven ? "The row stands as it was planned." : `It differs in ${done.differing.join(", ")}.`;
    return { json: done, text: `Restored ${done.record ?? "the row"} in ${done.schema}.${done.table}. ${proof}` };
  },
};

export const deletedCommands: Command[] = [list, restore];

function restoreText(plan: RestorePlan): string {
  const head = facts([
    ["row", `${plan.record ?? "?"} of ${plan.schema}.${plan.table} in ${plan.databaseName}`],
    ["status", plan.status],
    ...plan.problems.map(({ settled, message }): [string, string] => [settled ? "settled" : "problem", message]),
    ["plan", plan.hash],
  ]);
  const fields = table(
    [
      { title: "field", value: (row: RestorePlan["fields"][number]) => row.name },
      { title: "was", value: (row) => row.was },
      { title: "will be", value: (row) => row.will },
      { title: "", value: (row) => row.note ?? "" },
    ],
    plan.fields,
  );
  return `${head}\n\n${fields}`;
}
