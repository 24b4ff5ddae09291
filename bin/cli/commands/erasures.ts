import { z } from "zod";
import type { Actor } from "#db/actor.ts";
import { exportAccess } from "#db/records/erasure/access/export.ts";
import { readCertificate } from "#db/records/erasure/certificate.ts";
import { checkErasure } from "#db/records/erasure/check.ts";
import {
  accessExportInput,
  chooseErasureInput,
  type ErasureRecord,
  erasureReference,
  erasuresQuery,
  outcomeOf,
  runErasureInput,
  startErasureInput,
} from "#db/records/erasure/contract.ts";
import { listErasures, readErasure } from "#db/records/erasure/list.ts";
import { readErasurePlan } from "#db/records/erasure/plan/read.ts";
import { rehearseErasure } from "#db/records/erasure/rehearse.ts";
import { runErasure } from "#db/records/erasure/run.ts";
import { chooseErasure, searchAgain, startErasure } from "#db/records/erasure/start.ts";
import { type Command, type Output, only, parse, required, text } from "../command.ts";
import { findDatabaseId } from "../find.ts";
import { moreLine, table } from "../table.ts";
import { waitForJob } from "../wait.ts";
import { checkText, erasurePlanText, outcomeWords } from "./erasure-text.ts";
import { restoredCommands } from "./erasures-restored.ts";

const many = { type: "string", multiple: true } as const;

const list: Command = {
  name: "erasures list",
  usage: "[--database NAME] [--cursor CURSOR]",
  summary: "List erasures, newest first",
  options: { database: { type: "string" }, cursor: { type: "string" } },
  async run(actor, input) {
    const database = text(input, "database");
    const query = parse(erasuresQuery, {
      ...input.options,
      database: database && (await findDatabaseId(actor, database)),
    });
    const page = await listErasures(actor, query);
    const shown = table(
      [
        { title: "at", value: (row: ErasureRecord) => row.askedAt },
        { title: "person", value: (row) => row.subject },
        { title: "database", value: (row) => row.databaseName },
        { title: "state", value: (row) => row.state },
        { title: "last check", value: (row) => (row.lastCheck ? outcomeWords[outcomeOf(row.lastCheck)] : "") },
        { title: "by", value: (row) => row.askedBy },
        { title: "id", value: (row) => row.id },
      ],
      page.rows,
    );
    return { json: page, text: `${shown}${moreLine(page.next)}` };
  },
};

const find: Command = {
  name: "erasures find",
  usage:
    "--database NAME [--schema NAME --table NAME --record KEY] [--term WORD ...] [--column SCHEMA.TABLE.COLUMN ...] [--search SCHEMA.TABLE.COLUMN ...] [--basis TEXT]",
  summary: "Search for everything that names a person, and show what an erasure would do",
  options: {
    database: { type: "string" },
    schema: { type: "string" },
    table: { type: "string" },
    record: { type: "string" },
    basis: { type: "string" },
    ...{ term: many, column: many, search: many },
  },
  async run(actor, input) {
    const { term, column, search, ...rest } = input.options;
    const database = await findDatabaseId(actor, required(input, "database"));
    const asked = parse(startErasureInput, { ...rest, database, terms: term, columns: column, search });
    const { erasure, job } = await startErasure(actor, asked);
    await waitForJob(actor, job);
    return show(actor, erasure);
  },
};

const again: Command = {
  name: "erasures again",
  usage: "ERASURE",
  summary: "Search again for an erasure that was not run yet",
  options: {},
  async run(actor, input) {
    const { id } = reference(only(input, "the erasure"));
    const { job } = await searchAgain(actor, { id });
    await waitForJob(actor, job);
    return show(actor, id);
  },
};

const showOne: Command = {
  name: "erasures show",
  usage: "ERASURE",
  summary: "Show an erasure, and its plan until it is run",
  options: {},
  run: (actor, input) => show(actor, reference(only(input, "the erasure")).id),
};

const choose: Command = {
  name: "erasures choose",
  usage:
    "ERASURE --item FINDING --method delete|redact|keep|default [--why REASON] [--set COLUMN=null|hash|words|text:WORD ...]",
  summary: "Choose what becomes of one finding",
  options: { item: { type: "string" }, method: { type: "string" }, why: { type: "string" }, set: many },
  async run(actor, input) {
    const { set, ...rest } = input.options;
    const asked = parse(chooseErasureInput, { id: only(input, "the erasure"), ...rest, columns: set });
    await chooseErasure(actor, asked);
    return show(actor, asked.id);
  },
};

const rehearse: Command = {
  name: "erasures rehearse",
  usage: "ERASURE",
  summary: "The dry run: run every statement of the plan and roll it back",
  options: {},
  async run(actor, input) {
    const done = await rehearseErasure(actor, reference(only(input, "the erasure")));
    const faults = done.faults.map(({ object, message }) => `${object}: ${message}`);
    const said = faults.length === 0 ? `${done.rows} rows would change without a fault.` : faults.join("\n");
    return { json: done, text: `${said}\nPlan ${done.hash}` };
  },
};

const run: Command = {
  name: "erasures run",
  usage: "ERASURE --plan HASH --typed NAME --reason TEXT",
  summary: "Run a plan that was rehearsed and approved; a token can not, since it needs the password",
  options: { plan: { type: "string" }, typed: { type: "string" }, reason: { type: "string" } },
  async run(actor, input) {
    const { id } = reference(only(input, "the erasure"));
    const { plan: planHash, ...consent } = input.options;
    const { job } = await runErasure(actor, parse(runErasureInput, { id, planHash, ...consent }));
    await waitForJob(actor, job);
    return show(actor, id);
  },
};

const check: Command = {
  name: "erasures check",
  usage: "ERASURE",
  summary: "Search again for what was erased: it must find nothing",
  options: {},
  async run(actor, input) {
    const { job } = await checkErasure(actor, reference(only(input, "the erasure")));
    const { result } = await waitForJob(actor, job);
    const left = parse(remains, result);
    return { json: left, text: checkText(left) };
  },
};

const remains = z.object({
  clean: z.boolean(),
  remaining: z.array(z.object({ where: z.string(), count: z.number() })),
  notReached: z.array(z.object({ where: z.string(), why: z.string() })),
});

const certificate: Command = {
  name: "erasures certificate",
  usage: "ERASURE",
  summary: "Print the signed certificate, for bin/verify; the public keys are those of: caretaker audit key",
  options: {},
  async run(actor, input) {
    const { text: printed, json } = await readCertificate(actor, reference(only(input, "the erasure")));
    return { json, text: printed };
  },
};

const access: Command = {
  name: "erasures access",
  usage: "ERASURE [--format html|json|ndjson]",
  summary: "Print what is known of a person, as a copy for them; it is recorded who took it",
  options: { format: { type: "string" } },
  async run(actor, input) {
    const asked = parse(accessExportInput, { id: only(input, "the erasure"), ...input.options });
    const { name, lines } = await exportAccess(actor, asked);
    const file = (await Array.fromAsync(lines)).join("");
    return { json: { name, file }, text: file.trimEnd() };
  },
};

export const erasureCommands: Command[] = [
  ...[list, find, again, showOne, choose],
  ...[rehearse, run, access, check, certificate],
  ...restoredCommands,
];

function reference(id: string) {
  return parse(erasureReference, { id });
}

async function show(actor: Actor, id: string): Promise<Output> {
  const [record, plan] = [await readErasure(actor, id), await readErasurePlan(actor, id)];
  return { json: { ...record, plan }, text: erasurePlanText(record, plan) };
}
