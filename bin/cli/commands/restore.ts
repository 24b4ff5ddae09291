import type { Actor } from "#db/actor.ts";
import {
  type PlanRestore,
  planLook,
  planRestoreInput,
  type RestorePlan,
  type RestoreRecord,
  restoreReference,
  restoresQuery,
  runRestoreInput,
} from "#db/records/restore/contract.ts";
import { planRestore } from "#db/records/restore/plan.ts";
import { listRestores } from "#db/records/restore/report/list.ts";
import { readRestore } from "#db/records/restore/report/read.ts";
import { runRestore } from "#db/records/restore/run.ts";
import { type Command, flag, type Input, type Output, only, pairs, parse, required, text } from "../command.ts";
import { findDatabaseId } from "../find.ts";
import { moreLine, table } from "../table.ts";
import { waitForJob } from "../wait.ts";
import { choicesOf } from "./restore-choices.ts";
import { restorePlanText } from "./restore-text.ts";

const many = { type: "string", multiple: true } as const;
const choosing = { choose: many, look: { type: "string" } } as const;

const plan: Command = {
  name: "deleted plan",
  usage:
    "--database NAME (--transaction ID | --entry ID | --schema NAME --table NAME --record KEY [--version ENTRY [--side before] [--field COLUMN ...]] | --row ENTRY|SCHEMA.TABLE:KEY ... | --q FILTER) [--tenant KEY] [--without-children] [--without-links] [--leave SCHEMA.TABLE ...] [--choose [ROW/]KIND=CHOICE ...] [--look SCHEMA.TABLE]",
  summary: "Show what a restore would do, what stands in its way, and the plan's hash",
  options: {
    database: { type: "string" },
    transaction: { type: "string" },
    entry: { type: "string" },
    schema: { type: "string" },
    table: { type: "string" },
    record: { type: "string" },
    version: { type: "string" },
    side: { type: "string" },
    field: many,
    row: many,
    q: { type: "string" },
    tenant: { type: "string" },
    "without-children": { type: "boolean" },
    "without-links": { type: "boolean" },
    leave: many,
    ...choosing,
  },
  async run(actor, input) {
    const database = await findDatabaseId(actor, required(input, "database"));
    const [children, links] = [!flag(input, "without-children"), !flag(input, "without-links")];
    return show(actor, input, { ...input.options, database, children, links });
  },
};

const restore: Command = {
  name: "deleted restore",
  usage: "--plan HASH [--reason TEXT]",
  summary: "Run a plan that was shown, and wait for its end",
  options: { plan: { type: "string" }, reason: { type: "string" } },
  run: (actor, input) => run(actor, input),
};

const undo: Command = {
  name: "deleted undo",
  usage: "RESTORE [--choose [ROW/]KIND=CHOICE ...] [--plan HASH [--reason TEXT]]",
  summary: "Take a restore back within 30 days; without --plan, show what that would do",
  options: { ...choosing, plan: { type: "string" }, reason: { type: "string" } },
  async run(actor, input) {
    if (text(input, "plan") !== undefined) return run(actor, input);
    const { id } = parse(restoreReference, { id: only(input, "the restore") });
    const { database } = await readRestore(actor, { id });
    return show(actor, input, { database, undo: id });
  },
};

const restores: Command = {
  name: "deleted restores",
  usage: "[--database NAME] [--cursor CURSOR]",
  summary: "List restores, newest first",
  options: { database: { type: "string" }, cursor: { type: "string" } },
  async run(actor, input) {
    const database = text(input, "database");
    const query = parse(restoresQuery, {
      ...input.options,
      database: database && (await findDatabaseId(actor, database)),
    });
    const page = await listRestores(actor, query);
    const shown = table(
      [
        { title: "at", value: (row: RestoreRecord) => row.startedAt },
        { title: "what", value: (row) => `${row.what} of ${row.subject}` },
        { title: "database", value: (row) => row.databaseName },
        { title: "state", value: (row) => (row.undoneBy === null ? row.state : "undone") },
        { title: "rows", value: (row) => String(row.written ?? row.planned) },
        { title: "by", value: (row) => row.actorName },
        { title: "id", value: (row) => row.id },
      ],
      page.rows,
    );
    return { json: page, text: `${shown}${moreLine(page.next)}` };
  },
};

export const restoreCommands: Command[] = [plan, restore, undo, restores];

async function show(actor: Actor, input: Input, from: Record<string, unknown>): Promise<Output> {
  const asked: PlanRestore = parse(planRestoreInput, { ...from, choices: choicesOf(pairs(input, "choose")) });
  const planned: RestorePlan = await planRestore(actor, asked, planLook.parse({ table: text(input, "look") }));
  return { json: planned, text: restorePlanText(planned) };
}

/** A job is waited for; Ctrl-C ends the waiting and not the job. */
async function run(actor: Actor, input: Input): Promise<Output> {
  const asked = parse(runRestoreInput, { plan: required(input, "plan"), reason: text(input, "reason") });
  const { restore: id, job } = await runRestore(actor, asked);
  if (job !== null) await waitForJob(actor, job);
  const report = await readRestore(actor, { id });
  const { written, exact, chosen, differing, subject } = report;
  const proof = `${exact} exactly as they were, ${chosen} but for what was chosen, ${differing} changed by the application's triggers`;
  return { json: report, text: `${subject}: ${written ?? 0} rows written (${proof}). Restore ${id}.` };
}
