import type { Actor } from "#db/actor.ts";
import { type CoveredTable, tableName } from "#db/audit/coverage/contract.ts";
import { coverageSentence } from "#db/audit/coverage/sentence.ts";
import { readStrayEntries } from "#db/audit/coverage/stray.ts";
import { readUnknownActors } from "#db/audit/coverage/unknown-actors.ts";
import { readVolume } from "#db/audit/coverage/volume.ts";
import { readWriteCosts } from "#db/audit/coverage/write-costs.ts";
import { readNoise } from "#db/audit/noise.ts";
import { readCoverage } from "#db/databases/coverage/tables.ts";
import { type Command, only } from "../command.ts";
import { findDatabaseId } from "../find.ts";
import { facts, table } from "../table.ts";

export const coverage: Command = {
  name: "audit coverage",
  usage: "DATABASE|console",
  summary: "Which tables are recorded and why not, what that costs, what is noise, and who writes without a name",
  async run(actor, input) {
    const wanted = only(input, "a database");
    const found = await everything(actor, wanted === "console" ? wanted : await findDatabaseId(actor, wanted));
    return { json: found, text: `${coverageSentence(found.tables)}\n\n${tableText(found)}\n\n${factText(found)}` };
  },
};

type Everything = Awaited<ReturnType<typeof everything>>;

async function everything(actor: Actor, databaseId: string) {
  const [tables, volume, unknownActors, stray, writeCosts] = await Promise.all([
    readCoverage(actor, databaseId),
    readVolume(actor, databaseId),
    readUnknownActors(actor, databaseId),
    readStrayEntries(actor, databaseId),
    readWriteCosts(actor, databaseId),
  ]);
  const busiest = volume.tables.flatMap(({ schema, table: name }) =>
    schema === null || name === null ? [] : [{ schema, name }],
  );
  return { tables, volume, unknownActors, stray, writeCosts, noise: await readNoise(actor, databaseId, busiest) };
}

function tableText({ tables, volume, writeCosts }: Everything): string {
  const key = (schema: string | null, name: string | null) => JSON.stringify([schema, name]);
  const volumes = new Map(volume.tables.map((one) => [key(one.schema, one.table), one]));
  const costs = new Map(writeCosts.tables.map((one) => [key(one.schema, one.table), one]));
  const rounded = (value: number | undefined) => (value === undefined ? null : Math.round(value));
  return table(
    [
      { title: "table", value: (row: CoveredTable) => tableName(row) },
      { title: "state", value: (row) => row.state.replace("_", " ") },
      {
        title: "entries/day",
        value: (row) => rounded(volumes.get(key(row.schema, row.name))?.entriesPerDay),
        end: true,
      },
      { title: "bytes/day", value: (row) => rounded(volumes.get(key(row.schema, row.name))?.bytesPerDay), end: true },
      {
        title: "us/statement",
        value: (row) => rounded(costs.get(key(row.schema, row.name))?.microsecondsPerStatement),
        end: true,
      },
      { title: "unclassified", value: (row) => row.unclassified.length, end: true },
      { title: "why", value: (row) => row.why },
    ],
    tables,
  );
}

function factText({ noise, unknownActors, stray, writeCosts }: Everything): string {
  const noisy = noise.map(
    ({ schema, table: name, column, changed, updates }) =>
      `${tableName({ schema, name })}.${column} (${changed} of ${updates} changes)`,
  );
  const unknown = unknownActors.groups.map(
    ({ role, application, entries }) => `${entries} by ${role ?? "?"}/${application ?? "?"}`,
  );
  const off = writeCosts.tracking === "none";
  return facts([
    ["noise", noisy.join(", ") || "none found"],
    [`unknown actor, ${unknownActors.days} days`, unknown.join(", ") || "none"],
    ["in the fallback partition", stray.entries],
    ["write cost", off ? `not measured for new sessions; to have it: ${writeCosts.statement}` : "measured"],
  ]);
}
