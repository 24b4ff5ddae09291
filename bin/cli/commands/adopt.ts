import type { Actor } from "#db/actor.ts";
import { addDatabase } from "#db/databases/add-database.ts";
import { startAdoption } from "#db/databases/apply.ts";
import { addDatabaseInput } from "#db/databases/contract.ts";
import { listFleet, listFleetWithStatus } from "#db/databases/list.ts";
import { planAdoption } from "#db/databases/plan.ts";
import { planRemoval, startRemoval } from "#db/databases/remove.ts";
import { listServers } from "#db/databases/servers.ts";
import { adoptionStatus } from "#db/databases/status.ts";
import { type Command, flag, type Input, type Output, only, parse, required, text } from "../command.ts";
import { findDatabaseId, pick } from "../find.ts";
import { planText } from "../plan-text.ts";
import { facts, table } from "../table.ts";
import { waitForJob } from "../wait.ts";
import { adoptModel } from "./adopt-model.ts";

const add: Command = {
  name: "adopt add",
  usage: "NAME --server SERVER",
  summary: "Take a database of a server into the fleet; nothing in it changes",
  options: { server: { type: "string" } },
  async run(actor, input) {
    const wanted = required(input, "server");
    const serverId = pick("server", wanted, await listServers(actor), ({ id, name }) => [id, name]);
    const name = only(input, "the database");
    const databaseId = await addDatabase(actor, parse(addDatabaseInput, { serverId, name }));
    return {
      json: { databaseId },
      text: `Added ${name}; its id is ${databaseId}. Next: caretaker adopt model ${name}`,
    };
  },
};

const plan: Command = {
  name: "adopt plan",
  usage: "DATABASE",
  summary: "Show every statement that adopting, or bringing up to date, would run",
  async run(actor, input) {
    const databaseId = await findDatabaseId(actor, only(input, "a database"));
    const { statements, problems, drift, hash } = await planAdoption(actor, databaseId);
    const shown = { statements, problems, drift, hash };
    return {
      json: shown,
      text: `${planText(shown)}\nApply it with: caretaker adopt apply ${databaseId} --plan ${hash}`,
    };
  },
};

const apply: Command = {
  name: "adopt apply",
  usage: "DATABASE --plan HASH [--reason TEXT] [--no-wait]",
  summary: "Have a worker apply the plan that was shown",
  options: { plan: { type: "string" }, reason: { type: "string" }, "no-wait": { type: "boolean" } },
  async run(actor, input) {
    const databaseId = await findDatabaseId(actor, only(input, "a database"));
    const planHash = required(input, "plan");
    const consent = { planHash, reason: text(input, "reason") };
    return await watched(actor, input, await startAdoption(actor, databaseId, consent), "Adopted.");
  },
};

const status: Command = {
  name: "adopt status",
  usage: "[DATABASE]",
  summary: "Compare databases with the model that was confirmed for them",
  async run(actor, input) {
    if (input.positionals.length > 0) {
      const found = await adoptionStatus(actor, await findDatabaseId(actor, only(input, "a database")));
      const drift = found.drift.map(({ table: name, what }) => `\n  ${name}: ${what}`);
      return { json: found, text: `${found.sentence}${drift.join("")}` };
    }
    const all = await listFleetWithStatus(actor);
    const shown = table(
      [
        { title: "database", value: (row: (typeof all)[number]) => row.name },
        { title: "server", value: (row) => row.serverName },
        { title: "state", value: (row) => row.status.state },
        { title: "what", value: (row) => row.status.sentence },
      ],
      all,
    );
    return { json: all, text: shown };
  },
};

const remove: Command = {
  name: "adopt remove",
  usage: "DATABASE [--plan HASH --type NAME --reason TEXT] [--no-wait]",
  summary: "Take Caretaker out of a database; without --plan, show what that would run",
  options: {
    plan: { type: "string" },
    type: { type: "string" },
    reason: { type: "string" },
    "no-wait": { type: "boolean" },
  },
  async run(actor, input) {
    const databaseId = await findDatabaseId(actor, only(input, "a database"));
    const planHash = text(input, "plan");
    if (planHash === undefined) {
      const { database, statements, problems, hash, log } = await planRemoval(actor, databaseId);
      const shown = { database, statements, problems, hash, ...log };
      const head = facts([
        ["audit entries that go with it", log.entries],
        ["from, to", log.from === null ? "none" : `${log.from}, ${log.to}`],
        ["to keep them", "archive their months, or export them, first"],
      ]);
      return { json: shown, text: `${planText({ statements, problems, hash })}\n${head}` };
    }
    const consent = { planHash, typed: required(input, "type"), reason: required(input, "reason") };
    return await watched(actor, input, await startRemoval(actor, databaseId, consent), "Removed.");
  },
};

const list: Command = {
  name: "adopt list",
  usage: "",
  summary: "List the databases of the fleet",
  async run(actor) {
    const all = await listFleet(actor);
    const shown = table(
      [
        { title: "database", value: (row: (typeof all)[number]) => row.name },
        { title: "server", value: (row) => row.serverName },
        { title: "adopted", value: (row) => row.adoptedAt },
        { title: "id", value: (row) => row.id },
      ],
      all,
    );
    return { json: all, text: shown };
  },
};

export const adoptCommands: Command[] = [add, list, adoptModel, plan, apply, status, remove];

async function watched(actor: Actor, input: Input, jobId: string, done: string): Promise<Output> {
  if (flag(input, "no-wait")) return { json: { jobId }, text: `Queued as job ${jobId}.` };
  const { state, result } = await waitForJob(actor, jobId);
  return { json: { jobId, state, result }, text: done };
}
