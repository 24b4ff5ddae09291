import type { Actor } from "#db/actor.ts";
import { type DayCount, type Policy, policyChange, type Simulation } from "#db/records/retention/contract.ts";
import { retentionOf, simulateAll } from "#db/records/retention/overview.ts";
import { planPolicy, setPolicy, startPurge, switchOff } from "#db/records/retention/set-policy.ts";
import { type Command, type Input, type Output, only, parse, required, text } from "../command.ts";
import { findDatabaseId } from "../find.ts";
import { table } from "../table.ts";
import { waitForJob } from "../wait.ts";

const list: Command = {
  name: "retention list",
  usage: "",
  summary: "List how long marked rows of each table stay, and whether its policy is switched on",
  async run(actor) {
    const databases = await retentionOf(actor);
    const rows = databases.flatMap(({ databaseName, tables }) =>
      tables.flatMap(({ schema, name, policies }) =>
        (policies.length > 0 ? policies : [null]).map((policy) => ({
          databaseName,
          name: `${schema}.${name}`,
          policy,
        })),
      ),
    );
    const shown = table(
      [
        { title: "database", value: (row: (typeof rows)[number]) => row.databaseName },
        { title: "table", value: ({ name }) => name },
        { title: "tenant", value: ({ policy }) => policy?.tenant ?? null },
        { title: "deletion", value: ({ policy }) => policy?.deletion ?? "no policy" },
        { title: "days", value: ({ policy }) => (policy?.deletion === "soft" ? String(policy.graceDays) : null) },
        { title: "state", value: ({ policy }) => policy && stateOf(policy) },
        { title: "as", value: ({ policy }) => (policy?.as ? `${policy.as.table} of ${policy.as.databaseName}` : null) },
        { title: "policy", value: ({ policy }) => policy?.id ?? null },
      ],
      rows,
    );
    return { json: databases, text: shown };
  },
};

const changing = {
  database: { type: "string" },
  table: { type: "string" },
  tenant: { type: "string" },
  deletion: { type: "string" },
  days: { type: "string" },
} as const;

const plan: Command = {
  name: "retention plan",
  usage: "--database NAME [--table SCHEMA.TABLE [--tenant KEY] [--deletion soft|hard|never] [--days N]]",
  summary: "Show what would go on which day: by the policies as they are, or by another one for a table, with its hash",
  options: changing,
  async run(actor, input) {
    if (text(input, "table") === undefined) {
      const simulation = await simulateAll(actor, await findDatabaseId(actor, required(input, "database")));
      return { json: simulation, text: simulationText(simulation) };
    }
    const shown = await planPolicy(actor, await changeOf(actor, input));
    return { json: shown, text: `${simulationText(shown.simulation)}\n${shown.hash}` };
  },
};

const set: Command = {
  name: "retention set",
  usage:
    "--database NAME --table SCHEMA.TABLE [--tenant KEY] [--deletion soft|hard|never] [--days N] --plan HASH --reason TEXT",
  summary: "Set a policy that was shown; it only counts until two people switch it on in the console",
  options: { ...changing, plan: { type: "string" }, reason: { type: "string" } },
  async run(actor, input) {
    const change = await changeOf(actor, input);
    const consent = { planHash: required(input, "plan"), reason: required(input, "reason") };
    const policy = await setPolicy(actor, { ...change, ...consent });
    return { json: policy, text: policy.id };
  },
};

const off: Command = {
  name: "retention off",
  usage: "POLICY",
  summary: "Switch a policy off, at once",
  async run(actor, input) {
    const id = only(input, "the policy");
    await switchOff(actor, { id });
    return { json: { id }, text: "It only counts from now on." };
  },
};

const dryRun: Command = {
  name: "retention dry-run",
  usage: "--database NAME",
  summary: "Count what the policies of a database would remove, and wait for the end",
  options: { database: { type: "string" } },
  run: (actor, input) => purge(actor, input, true),
};

const purgeNow: Command = {
  name: "retention purge",
  usage: "--database NAME",
  summary: "Remove what the switched-on policies of a database would remove tonight, and wait for the end",
  options: { database: { type: "string" } },
  run: (actor, input) => purge(actor, input, false),
};

async function purge(actor: Actor, input: Input, dry: boolean): Promise<Output> {
  const databaseId = await findDatabaseId(actor, required(input, "database"));
  const { jobId } = await startPurge(actor, { databaseId, dry });
  const job = await waitForJob(actor, jobId);
  return { json: job, text: JSON.stringify(job.result) };
}

async function changeOf(actor: Actor, input: Input) {
  const { days, deletion = "soft", ...options } = input.options;
  const databaseId = await findDatabaseId(actor, required(input, "database"));
  return parse(policyChange, { ...options, databaseId, deletion, ...(days === undefined ? {} : { graceDays: days }) });
}

function simulationText({ days, blocked, undated, names }: Simulation): string {
  const shown = table(
    [
      { title: "day", value: (row: DayCount) => row.day },
      { title: "table", value: (row) => row.table },
      { title: "tenant", value: ({ tenant }) => tenant && (names[tenant] ?? tenant) },
      { title: "rows", value: (row) => String(row.rows) },
      { title: "held", value: (row) => String(row.held) },
    ],
    days,
  );
  const notes = [
    ...blocked.map(
      ({ table: name, rows, by }) => `${name}: ${rows} due rows stay, because rows of ${by.join(", ")} point at them.`,
    ),
    ...undated.map(
      ({ table: name, rows }) => `${name}: ${rows} rows stay, because nobody knows when they were marked.`,
    ),
  ];
  return [shown, ...notes].join("\n");
}

function stateOf({ deletion, onAt }: Policy): string {
  if (deletion === "never") return "holds";
  return onAt === null ? "dry runs" : "on";
}

export const retentionCommands: Command[] = [list, plan, set, off, dryRun, purgeNow];
